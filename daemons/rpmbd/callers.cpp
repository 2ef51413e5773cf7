#include "rpmbd/callers.h"

#include <systemd/sd-bus.h>

#include <cstdlib>

#include "service/log.h"

namespace signet::rpmbd {
namespace {

constexpr std::chrono::minutes kDenialInterval{1};  // somebody who asks again and again does not fill the journal

std::string unit_name(const sdbus::ObjectPath& path) {
  char* unit = nullptr;
  if (::sd_bus_path_decode(path.c_str(), "/org/freedesktop/systemd1/unit", &unit) <= 0) return {};
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

Callers::Callers(sdbus::IConnection& bus, const Policy& policy, const Clock& clock)
    : bus_{bus}, policy_{policy}, clock_{clock} {
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
  auto verdict = judge(message);
  if (verdict || verdict.error().code == Errc::access_denied) remembered_.emplace(sender, verdict);
  return verdict;
}

Result<std::shared_ptr<const Grant>> Callers::judge(const sdbus::Message& message) try {
  const Caller caller{.uid = message.getCredsEuid(),
                      .unit = [this, &message] { return unit_of(message.getCredsPid()); },
                      .selinux = selinux_of(message)};
  auto grant = policy_.grant(caller);
  if (!grant) log_denial(caller.uid, grant.error());
  return grant;
} catch (const sdbus::Error& error) {
  return fail(Errc::busy, "the bus does not say who is calling: " + error.getMessage());
}

// The unit of a process, "" when it has none. systemd is asked, since our own unit hides other users' processes in
// /proc from us. The process may have ended and its number may be in use again: a condition on the unit narrows a rule
// on the user, it does not replace it.
Result<std::string> Callers::unit_of(pid_t pid) try {
  if (clock_.monotonic() < systemd_answers_from_) {
    return fail(Errc::busy, "systemd did not say which unit is calling; it is asked again in a few seconds");
  }
  const auto systemd = sdbus::createProxy(bus_, sdbus::ServiceName{"org.freedesktop.systemd1"},
                                          sdbus::ObjectPath{"/org/freedesktop/systemd1"});
  sdbus::ObjectPath path;
  systemd->callMethod("GetUnitByPID")
      .onInterface("org.freedesktop.systemd1.Manager")
      .withTimeout(kPatience)
      .withArguments(static_cast<std::uint32_t>(pid))
      .storeResultsTo(path);
  return unit_name(path);
} catch (const sdbus::Error& error) {
  if (error.getName() == "org.freedesktop.systemd1.NoUnitForPID") return {};
  systemd_answers_from_ = clock_.monotonic() + kSilence;
  return fail(Errc::busy, "systemd does not say which unit is calling: " + error.getMessage());
}

void Callers::log_denial(uid_t uid, const Error& error) {
  const auto now = clock_.monotonic();
  if (denials_.size() >= kMaxRemembered) denials_.clear();
  const auto [last, first] = denials_.try_emplace(uid, now);
  if (!first && now - last->second < kDenialInterval) return;
  last->second = now;
  service::log_event(service::Severity::notice, "denied: " + error.context,
                     {{"SIGNET_ERROR", std::string{name(error.code)}}, {"SIGNET_UID", std::to_string(uid)}});
}

}  // namespace signet::rpmbd
