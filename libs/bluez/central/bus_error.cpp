#include "bluez/central/bus_error.h"

#include <charconv>

namespace signet::bluez {
namespace {

constexpr std::string_view kFailed = "org.bluez.Error.Failed";
constexpr std::string_view kAtt = "Operation failed with ATT error: 0x";

}  // namespace

std::optional<AttError> att_error(std::string_view name, std::string_view message) {
  if (name == kFailed && message.starts_with(kAtt)) {
    const auto digits = message.substr(kAtt.size());
    std::uint8_t code = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (error == std::errc{} && end == digits.data() + digits.size()) return static_cast<AttError>(code);
    return std::nullopt;
  }
  if (name == "org.bluez.Error.NotAuthorized") return AttError::insufficient_authorization;
  if (name == "org.bluez.Error.InvalidArguments") return AttError::invalid_length;
  if (name == "org.bluez.Error.InvalidValueLength") return AttError::invalid_length;
  if (name == "org.bluez.Error.InvalidOffset") return AttError::invalid_offset;
  if (name == "org.bluez.Error.NotSupported") return AttError::request_not_supported;
  return std::nullopt;
}

Error central_error(std::string_view name, std::string_view message, const std::string& what) {
  const std::string text = what + ": " + std::string{message.empty() ? name : message};
  const auto is = [&](std::initializer_list<std::string_view> names) {
    for (const auto one : names) {
      if (name == one) return true;
    }
    return false;
  };
  if (is({"org.freedesktop.DBus.Error.FileNotFound", "org.freedesktop.DBus.Error.NoServer"})) {
    return {Errc::no_service, text + ". There is no system bus here: is this a container, or has dbus-daemon ended?"};
  }
  if (is({"org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner",
          "org.freedesktop.DBus.Error.Disconnected"})) {
    return {Errc::no_service,
            text + ". Is bluetoothd running? Try 'systemctl start bluetooth'; it is part of the package bluez"};
  }
  if (is({"org.freedesktop.DBus.Error.AccessDenied"})) {
    return {Errc::access_denied, text + ". The bus does not let this user speak to bluetoothd; try as root"};
  }
  if (is({"org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.Timeout",
          "org.freedesktop.DBus.Error.TimedOut"})) {
    return {Errc::timeout, what + ": no answer in time. Is the device near and awake?"};
  }
  if (is({"org.bluez.Error.NotReady"})) {
    return {Errc::no_service, text + ". The adapter is off; try 'bluetoothctl power on'"};
  }
  if (is({"org.freedesktop.DBus.Error.UnknownObject", "org.bluez.Error.NotConnected"})) {
    return {Errc::io, what + ": the connection is lost. Move nearer and try again"};
  }
  return {Errc::io, text};
}

}  // namespace signet::bluez
