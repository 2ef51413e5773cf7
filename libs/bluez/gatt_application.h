// Puts services behind bluetoothd: org.bluez.GattService1 and GattCharacteristic1 objects, registered with
// GattManager1.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bluez/bluez_objects.h"
#include "bluez/gatt.h"

namespace signet::bluez {

// Registers with every adapter that bluetoothd shows, again after every restart of bluetoothd. Everything happens on
// the loop's thread; the handlers are called from there. Only bluetoothd itself may call the objects, and only it hears
// the notifications: on the bus they are not broadcast.
class GattApplication final : public Notifier {
 public:
  // bluetoothd collects notifications for 10 ms, more where it is short of time, but answers at once: the answer to a
  // write is held back until the last notification is so old.
  static constexpr std::chrono::milliseconds kHeadStart{100};

  // `root`: an object path of this connection's own, "/org/signet/gatt". The services are not changed later.
  GattApplication(boost::asio::io_context& loop, sdbus::IConnection& bus, dbus::AsioBus& pump, BluezObjects& bluez,
                  std::string root, std::vector<Service> services);
  ~GattApplication() override;

  void notify(std::string_view uuid, BytesView value) override;

  // Adapters (object paths) that serve the application now.
  [[nodiscard]] const std::set<std::string>& adapters() const;
  void listen(std::function<void()> changed);  // adapters() has changed; one listener

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

// The D-Bus error that bluetoothd turns into this ATT error.
sdbus::Error to_bluez(AttError error);

}  // namespace signet::bluez
