#include "signetctl/beacon/daemon.h"

#include <sdbus-c++/sdbus-c++.h>

#include <map>

namespace signet::ctl {
namespace {

using Properties = std::map<std::string, sdbus::Variant>;

constexpr const char* kName = "org.signet.Fmdn1";
constexpr const char* kObject = "/org/signet/Fmdn1";
constexpr std::uint32_t kGeneration = 1;
constexpr const char* kSetUp = "; start it with systemctl start fmdnd, and see journalctl -u fmdnd";

bool is(const sdbus::Error& error, const char* name) {
  return error.getName() == std::string{"org.freedesktop.DBus.Error."} + name;
}

Error no_answer(const std::string& method, const sdbus::Error& error) {
  if (method == "FactoryReset") {
    return {Errc::outcome_unknown,
            "fmdnd did not say whether it was reset (" + error.getMessage() + "); 'signetctl beacon status' shows it"};
  }
  return {Errc::timeout, "fmdnd did not answer in time; see journalctl -u fmdnd"};
}

// Errors of fmdnd itself come with their name and a text; the others are the bus's.
Error judge(const std::string& method, const sdbus::Error& error) {
  if (const auto code = from_bus_name(error.getName())) return {*code, error.getMessage()};
  if (is(error, "NoReply") || is(error, "Timeout") || is(error, "Disconnected")) return no_answer(method, error);
  if (is(error, "ServiceUnknown") || is(error, "NameHasNoOwner")) {
    return {Errc::no_service, std::string{"fmdnd is not running"} + kSetUp};
  }
  if (is(error, "AccessDenied")) {
    return {
        Errc::access_denied,
        "the bus lets only root and the group signet-fmdn do that; an administrator can add this user to the group"};
  }
  if (is(error, "UnknownMethod") || is(error, "UnknownInterface") || is(error, "InvalidArgs")) {
    return {Errc::incompatible, "fmdnd does not know " + method + " (" + error.getMessage() +
                                    "); install fmdnd and signetctl of the same version"};
  }
  return {Errc::internal, method + " failed: " + error.getName() + ": " + error.getMessage()};
}

template <class... Arguments>
Result<void> invoke(sdbus::IProxy& proxy, std::chrono::microseconds limit, const std::string& method,
                    const Arguments&... arguments) try {
  proxy.callMethod(sdbus::MethodName{method}).onInterface(kName).withTimeout(limit).withArguments(arguments...);
  return {};
} catch (const sdbus::Error& error) {
  return fail(judge(method, error));
}

// A property that is missing, or of another type, is as if it said nothing.
template <class T>
T value(const Properties& properties, const char* name) {
  const auto found = properties.find(name);
  return found != properties.end() && found->second.containsValueOfType<T>() ? found->second.get<T>() : T{};
}

}  // namespace

BeaconDaemon::BeaconDaemon(std::unique_ptr<sdbus::IProxy> proxy, std::chrono::microseconds limit)
    : proxy_{std::move(proxy)}, limit_{limit} {}
BeaconDaemon::BeaconDaemon(BeaconDaemon&&) noexcept = default;
BeaconDaemon& BeaconDaemon::operator=(BeaconDaemon&&) noexcept = default;
BeaconDaemon::~BeaconDaemon() = default;

Result<BeaconDaemon> BeaconDaemon::connect(std::chrono::microseconds limit) try {
  auto bus = sdbus::createSystemBusConnection();
  BeaconDaemon daemon{sdbus::createProxy(std::move(bus), sdbus::ServiceName{kName}, sdbus::ObjectPath{kObject},
                                         sdbus::dont_run_event_loop_thread),
                      limit};
  SIGNET_TRY(daemon.status());
  return daemon;
} catch (const sdbus::Error& error) {
  return fail(Errc::no_service,
              "the system bus cannot be reached: " + error.getMessage() + "; is dbus running? systemctl status dbus");
}

Result<BeaconStatus> BeaconDaemon::status() try {
  Properties all;
  proxy_->callMethod("GetAll")
      .onInterface("org.freedesktop.DBus.Properties")
      .withTimeout(limit_)
      .withArguments(kName)
      .storeResultsTo(all);
  if (const auto theirs = value<std::uint32_t>(all, "InterfaceVersion"); theirs != kGeneration) {
    return fail(Errc::incompatible, "signetctl speaks generation " + std::to_string(kGeneration) +
                                        " of the interface, fmdnd speaks generation " + std::to_string(theirs) +
                                        "; install fmdnd and signetctl of the same version");
  }
  return BeaconStatus{.version = value<std::string>(all, "Version"),
                      .state = value<std::string>(all, "State"),
                      .problem = value<std::string>(all, "Problem"),
                      .problem_text = value<std::string>(all, "ProblemText"),
                      .store = value<std::string>(all, "Store"),
                      .limitations = value<std::vector<std::string>>(all, "Limitations"),
                      .windows = value<std::vector<std::string>>(all, "Windows"),
                      .unwanted_tracking_protection = value<bool>(all, "UnwantedTrackingProtection"),
                      .ringing = value<std::uint8_t>(all, "Ringing")};
} catch (const sdbus::Error& error) {
  return fail(judge("GetAll", error));
}

Result<void> BeaconDaemon::call(const std::string& method) { return invoke(*proxy_, limit_, method); }

Result<void> BeaconDaemon::call(const std::string& method, std::uint32_t seconds) {
  return invoke(*proxy_, limit_, method, seconds);
}

Result<std::string> BeaconDaemon::nfc_url() try {
  std::string url;
  proxy_->callMethod("GetNfcUrl").onInterface(kName).withTimeout(limit_).storeResultsTo(url);
  return url;
} catch (const sdbus::Error& error) {
  return fail(judge("GetNfcUrl", error));
}

}  // namespace signet::ctl
