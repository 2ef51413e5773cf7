#include "bluez/bus_connections.h"

#include <utility>

namespace signet::bluez {
namespace {

constexpr const char* kDevice = "org.bluez.Device1";
constexpr const char* kAdapter = "org.bluez.Adapter1";

}  // namespace

BusConnections::BusConnections(BluezObjects& bluez) : bluez_{bluez} {
  const auto hear = [this](const std::string& path, const std::string& interface,
                           const BluezObjects::Properties& properties) {
    if (interface == kDevice) this->hear(path, properties);
    if (interface == kAdapter && boolean(properties, "Powered") == false) end_below(path);
  };
  bluez_.listen({.added = hear,
                 .changed = hear,
                 // All that is heard when the adapter loses power, or bluetoothd ends.
                 .removed = [this](const std::string& path, const std::string& interface) {
                   if (interface != kDevice) return;
                   bonded_.erase(path);
                   ended(path);
                 }});
}

// The bond first: who hears of the connection asks for it.
void BusConnections::hear(const std::string& device, const BluezObjects::Properties& properties) {
  if (const auto bonded = boolean(properties, "Bonded")) {
    if (*bonded) bonded_.insert(device);
    if (!*bonded) bonded_.erase(device);
  }
  if (const auto connected = boolean(properties, "Connected")) *connected ? seen(device) : ended(device);
}

void BusConnections::seen(const std::string& device) {
  if (!present_.insert(device).second) return;
  for (const auto& listener : listeners_) {
    if (listener.connected) listener.connected(device);
  }
}

void BusConnections::disconnect(const std::string& device) {
  bluez_.call({.path = device, .interface = kDevice, .name = "Disconnect"},
              [this, device](const std::optional<sdbus::Error>& error) {
                if (error && !bluez_.has(device, kDevice)) ended(device);
              });
}

void BusConnections::ended(const std::string& device) {
  if (present_.erase(device) == 0) return;
  for (const auto& listener : listeners_) {
    if (listener.gone) listener.gone(device);
  }
}

void BusConnections::end_below(const std::string& path) {
  for (const auto& device : std::set<std::string>{present_}) {
    if (device.starts_with(path + "/")) ended(device);
  }
}

}  // namespace signet::bluez
