// Who may pair with this device, and what becomes of it. Knows nothing of D-Bus: pairing_agent.h puts it behind
// bluetoothd.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "bluez/advertising.h"

namespace signet::bluez {

// Devices are named by their object path, as in gatt.h's Request. Everything happens on the loop's thread.
class Pairing {
 public:
  struct Peer {
    std::string device;
    DeviceAddress address{};
  };
  struct Listener {
    // Both sides have come to the same six digits, or to different ones: confirm() or reject() it.
    std::function<void(const Peer& peer, std::uint32_t passkey)> compares;
    std::function<void(const Peer& peer)> bonded;  // whoever agreed to it
    std::function<void(const Peer& peer)> failed;  // what was to be compared is void
  };

  virtual ~Pairing() = default;

  virtual void listen(Listener listener) = 0;  // one

  // Whether anybody may pair. False, as in the beginning: every attempt is refused, and one that waits for its
  // comparison is rejected.
  virtual void expect(bool anybody) = 0;

  virtual void confirm(const std::string& device) = 0;  // from now on its services are allowed, too
  virtual void reject(const std::string& device) = 0;
  virtual void begin(const DeviceAddress& address) = 0;  // from here; as far as bluetoothd knows that device
};

}  // namespace signet::bluez
