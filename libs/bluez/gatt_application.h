// Puts services behind bluetoothd: org.bluez.GattService1 and GattCharacteristic1 objects, registered with
// GattManager1.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bluez/gatt.h"

namespace signet::dbus {
class AsioBus;
}
namespace sdbus {
class IConnection;
}

namespace signet::bluez {

class BluezObjects;

// Registers with every adapter that bluetoothd shows, again after every restart of bluetoothd. Everything happens on
// the loop's thread; the handlers are called from there.
class GattApplication final : public Notifier {
 public:
  // `root`: an object path of this connection's own, "/org/signet/gatt". The services are not changed later.
  GattApplication(sdbus::IConnection& bus, dbus::AsioBus& pump, BluezObjects& bluez, std::string root,
                  std::vector<Service> services);
  ~GattApplication() override;

  void notify(std::string_view uuid, BytesView value) override;

  // Adapters (object paths) that serve the application now.
  [[nodiscard]] std::vector<std::string> adapters() const;
  void listen(std::function<void()> changed);  // adapters() has changed; one listener

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace signet::bluez
