// A connection to a device, over the bus.
#pragma once

#include <memory>
#include <string>

#include "bluez/central/central.h"
#include "bluez/central/objects_mirror.h"

namespace signet::bluez {

// `device`: path of a device whose services are known. Disconnects when destroyed, which takes some 2 s.
std::unique_ptr<Link> make_bluez_link(std::shared_ptr<ObjectsMirror> bus, std::string device);

}  // namespace signet::bluez
