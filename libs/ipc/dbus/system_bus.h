// A daemon's place on the system bus. Both throw std::runtime_error with what an administrator can look at: they are
// for main().
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <memory>
#include <string>

namespace signet::dbus {

std::unique_ptr<sdbus::IConnection> connect_system_bus();

// Without queueing or replacing: a second daemon of the same name gives up here. `bus_name`: "org.signet.Rpmb1"; its
// policy file is named in the error.
void claim_name(sdbus::IConnection& bus, const std::string& bus_name, const std::string& daemon);

}  // namespace signet::dbus
