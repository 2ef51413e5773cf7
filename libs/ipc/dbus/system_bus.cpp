#include "ipc/dbus/system_bus.h"

#include <stdexcept>

namespace signet::dbus {

std::unique_ptr<sdbus::IConnection> connect_system_bus() try {
  return sdbus::createSystemBusConnection();
} catch (const sdbus::Error& error) {
  throw std::runtime_error{"cannot connect to the system bus: " + error.getMessage()};
}

void claim_name(sdbus::IConnection& bus, const std::string& bus_name, const std::string& daemon) try {
  bus.requestName(sdbus::ServiceName{bus_name});
} catch (const sdbus::Error& error) {
  throw std::runtime_error{"cannot have the bus name " + bus_name + ": is another " + daemon +
                           " running, or is the bus policy (" + bus_name + ".conf) not installed? " +
                           error.getMessage()};
}

}  // namespace signet::dbus
