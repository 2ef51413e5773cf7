#include "rpmbd/callers.h"

#include <systemd/sd-login.h>

#include <cstdlib>

#include "service/log.h"

namespace signet::rpmbd {
namespace {

// The unit of a process, "" when it has none. The process may have ended and its number may be in use again: a
// condition on the unit narrows a rule on the user, it does not replace it.
std::string unit_of(pid_t pid) {
  char* unit = nullptr;
  if (::sd_pid_get_unit(pid, &unit) < 0) return {};
  std::string result{unit};
  std::free(unit);
  return result;
}

std::string selinux_of(const sdbus::Message& message) try {
  return message.getSELinuxContext();
} catch (const sdbus::Error&) {  // no SELinux here
  return {};
}

}  // namespace

Callers::Callers(sdbus::IConnection& bus, const Policy& policy) : policy_{policy} {
  // Unique names are never given out twice; this only keeps the memory small.
  departures_ = bus.addMatch(
      "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',arg2=''",
      [this](sdbus::Message message) {
        std::string gone;
        message >> gone;
        remembered_.erase(gone);
      },
      sdbus::return_slot);
}

Result<std::shared_ptr<const Grant>> Callers::grant(const sdbus::Message& message) {
  const char* sender = message.getSender();
  if (sender == nullptr) return fail(Errc::access_denied, "a call without a sender");
  if (const auto known = remembered_.find(sender); known != remembered_.end()) return known->second;
  if (remembered_.size() >= kMaxRemembered) remembered_.clear();
  return remembered_.emplace(sender, judge(message)).first->second;
}

Result<std::shared_ptr<const Grant>> Callers::judge(const sdbus::Message& message) try {
  Caller caller{.uid = message.getCredsEuid(), .unit = {}, .selinux = selinux_of(message)};
  if (policy_.asks_for_units()) caller.unit = unit_of(message.getCredsPid());
  auto grant = policy_.grant(caller);
  if (!grant) {
    service::log_event(service::Severity::notice, "denied: " + grant.error().context,
                       {{"SIGNET_ERROR", "access_denied"}, {"SIGNET_UID", std::to_string(caller.uid)}});
  }
  return grant;
} catch (const sdbus::Error& error) {
  return fail(Errc::access_denied, "the bus does not say who is calling: " + error.getMessage());
}

}  // namespace signet::rpmbd
