// What bluetoothd's errors mean to a central.
#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "bluez/gatt.h"

namespace signet::bluez {

// The error that the device gave to a read or a write; nothing when it was not the device.
std::optional<AttError> att_error(std::string_view name, std::string_view message);

// Any other error, for people. `what`: what was being done.
Error central_error(std::string_view name, std::string_view message, const std::string& what);

}  // namespace signet::bluez
