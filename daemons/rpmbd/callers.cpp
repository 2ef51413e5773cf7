#include "rpmbd/callers.h"

#include <systemd/sd-bus.h>

#include <chrono>
#include <cstdlib>

#include "service/log.h"

namespace signet::rpmbd {
namespace {

constexpr std::chrono::seconds kPatience{2};  // with systemd; the caller waits as well

// The unit of a process, "" when it has none. systemd is asked, since our own unit hides other users' processes in
// /proc from us. The process may have ended and its number may be in use again: a condition on the unit narrows a rule
// on the user, it does not replace it.
std::string unit_of(sdbus::IConnection& bus, pid_t pid) try {
  const auto systemd = sdbus::createProxy(bus, sdbus::ServiceName{"org.freedesktop.systemd1"},
                                          sdbus::ObjectPath{"/org/freedesktop/systemd1"});
  sdbus::ObjectPath path;
  systemd->callMethod("GetUnitByPID")
      .onInterface("org.freedesktop.systemd1.Manager")
      .withTimeout(kPatience)
      .withArguments(static_cast<std::uint32_t>(pid))
      .storeResultsTo(path);
  char* unit = nullptr;
  if (::sd_bus_path_decode(path.c_str(), "/org/freedesktop/systemd1/unit", &unit) <= 0) return {};
  std::string result{unit};
  std::free(unit);
  return result;
} catch (const sdbus::Error& error) {
  service::log_event(service::Severity::notice, "systemd does not say which unit is calling: " + error.getMessage());
  return {};
}

std::string selinux_of(const sdbus::Message& message) try {
  return message.getSELinuxContext();
} catch (const sdbus::Error&) {  // no SELinux here
  return {};
}

}  // namespace

Callers::Callers(sdbus::IConnection& bus, const Policy& policy) : bus_{bus}, policy_{policy} {
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
  if (policy_.asks_for_units()) caller.unit = unit_of(bus_, message.getCredsPid());
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
