// The machine's Bluetooth, as a central.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bluez/central/central.h"
#include "signetctl/session.h"

namespace signet::ctl {

using OpenCentral = std::function<Result<std::unique_ptr<bluez::Central>>(const std::string& adapter)>;

// What opens it: bluetoothd on the bus. Tests put devices that they made up in its place.
OpenCentral& central_opener();

// Throws Failed.
std::unique_ptr<bluez::Central> open_central(const std::string& adapter);

// --timeout: what each step over the air may take.
std::chrono::milliseconds limit_of(const Session& session);

}  // namespace signet::ctl
