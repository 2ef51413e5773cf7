#include "outcome.h"

#include <signet/signet.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/error.h"

namespace signet::client {
namespace {

constexpr const char* kJournal = "see journalctl -u rpmbd";

template <std::size_t Size>
bool is_one_of(std::string_view name, const std::array<std::string_view, Size>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool means_not_running(std::string_view name) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER, "org.freedesktop.systemd1.NoSuchUnit",
       "org.freedesktop.systemd1.UnitMasked", "org.freedesktop.systemd1.LoadFailed"});
  return is_one_of(name, kNames) || name.starts_with("org.freedesktop.DBus.Error.Spawn.");
}

bool means_no_answer(std::string_view name) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {SD_BUS_ERROR_NO_REPLY, SD_BUS_ERROR_TIMEOUT, SD_BUS_ERROR_DISCONNECTED, "org.freedesktop.DBus.Error.TimedOut"});
  return is_one_of(name, kNames);
}

bool means_other_interface(std::string_view name) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {SD_BUS_ERROR_UNKNOWN_METHOD, SD_BUS_ERROR_UNKNOWN_INTERFACE, SD_BUS_ERROR_UNKNOWN_OBJECT,
       SD_BUS_ERROR_UNKNOWN_PROPERTY, SD_BUS_ERROR_INVALID_ARGS, SD_BUS_ERROR_INVALID_SIGNATURE});
  return is_one_of(name, kNames);
}

Outcome no_answer(const Operation& operation, bool overdue, std::string_view message) {
  std::string text = overdue ? "rpmbd did not answer " + title(operation) + " in time"
                             : "rpmbd went away during " + title(operation) + " (" + std::string{message} + ")";
  if (operation.effect == Effect::changes) {
    return {SIGNET_E_OUTCOME_UNKNOWN,
            text + "; the change may have taken effect, or may yet: read before writing again"};
  }
  if (overdue) return {SIGNET_E_TIMEOUT, text + "; try again or allow more time; if it stays so, " + kJournal};
  return {SIGNET_E_NO_SERVICE, text + "; try again; if it stays so, " + kJournal};
}

Outcome judge_bus_error(const sd_bus_error& error, const Operation& operation, bool overdue) {
  const std::string_view name{error.name};
  const std::string message{error.message ? error.message : error.name};
  if (means_no_answer(name)) return no_answer(operation, overdue, message);
  if (means_not_running(name)) {
    return {SIGNET_E_NO_SERVICE, "rpmbd is not running and the bus could not start it (" + message +
                                     "); start it with systemctl start rpmbd, and " + kJournal};
  }
  if (name == SD_BUS_ERROR_ACCESS_DENIED) {
    return {SIGNET_E_ACCESS_DENIED, "the bus does not let this user call rpmbd (" + message +
                                        "); an administrator can allow it in the bus policy org.signet.Rpmb1.conf"};
  }
  if (means_other_interface(name)) {
    return {SIGNET_E_INCOMPATIBLE, "rpmbd does not know " + title(operation) + " as this library calls it (" + message +
                                       "); install libsignet and rpmbd of the same version"};
  }
  if (name == SD_BUS_ERROR_LIMITS_EXCEEDED) {
    return {SIGNET_E_BUSY, "the bus refused " + title(operation) + " (" + message + "); try again later"};
  }
  return {SIGNET_E_INTERNAL, title(operation) + " failed: " + error.name + ": " + message};
}

}  // namespace

Outcome judge_error(const sd_bus_error& error, const Operation& operation, bool overdue) {
  const auto code = from_bus_name(error.name);
  if (!code) return judge_bus_error(error, operation, overdue);
  std::string text{error.message ? error.message : ""};
  if (text.empty()) text = summary(*code);
  return {static_cast<int>(*code), std::move(text)};
}

Outcome no_bus(int error) {
  const char* address = ::getenv("DBUS_SYSTEM_BUS_ADDRESS");
  std::string text = "the system bus cannot be reached";
  if (address) text += std::string{" at "} + address + " (DBUS_SYSTEM_BUS_ADDRESS)";
  return {SIGNET_E_NO_SERVICE, text + ": " + std::strerror(error) + "; is dbus running? systemctl status dbus"};
}

Outcome lost_bus(int error, const Operation& operation) {
  return no_answer(operation, false, std::string{"the system bus was lost: "} + std::strerror(error));
}

Outcome wrong_generation(unsigned long long theirs) {
  return {SIGNET_E_INCOMPATIBLE, "libsignet speaks generation " + std::to_string(SIGNET_INTERFACE_VERSION) +
                                     " of the interface, rpmbd speaks generation " + std::to_string(theirs) +
                                     "; install libsignet and rpmbd of the same version"};
}

Outcome served_by_a_loop() {
  return {SIGNET_E_WRONG_THREAD,
          "signet_register() waits for the network, and this client is served by an event loop, which would stand "
          "still; use signet_start_register(), or another client in a thread of its own"};
}

}  // namespace signet::client
