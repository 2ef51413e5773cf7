// Who is connected. An interface: bus_connections.h asks bluetoothd, tests say what they like.
#pragma once

#include <functional>
#include <set>
#include <string>

namespace signet::bluez {

// Devices are named by their object path, as in gatt.h's Request. Everything happens on the loop's thread.
class Connections {
 public:
  struct Listener {
    std::function<void(const std::string& device)> connected;
    // By its own wish, by ours, or because adapter or bluetoothd are gone. Never without `connected` before.
    std::function<void(const std::string& device)> gone;
  };

  virtual ~Connections() = default;

  // Any number of listeners, for as long as the Connections live. Both functions may be empty.
  virtual void listen(Listener listener) = 0;

  // A request came from this device: bluetoothd tells requests at once, but connections a moment later. Calls
  // `connected` if it is news.
  virtual void seen(const std::string& device) = 0;

  // Ends the connection; takes bluetoothd about 2 s. `gone` follows.
  virtual void disconnect(const std::string& device) = 0;

  [[nodiscard]] virtual const std::set<std::string>& present() const = 0;

  // An acquaintance of the host, which has a bond with it.
  [[nodiscard]] virtual bool bonded(const std::string& device) const = 0;
};

}  // namespace signet::bluez
