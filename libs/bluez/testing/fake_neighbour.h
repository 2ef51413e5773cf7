// hci1 of the fake bluetoothd: an adapter in radio range of hci0, for programs that play the phone. What a daemon has
// advertised and registered at hci0 is found here by StartDiscovery; Connect, reads, writes and notifications reach
// it, in the order and with the errors that a central behind bluetoothd 5.66 was seen to get.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "bluez/testing/fake_bluez.h"

namespace signet::bluez::testing {

// Reports an advert once for each start of scanning and whenever it changes, as emulated controllers do. One connection
// at a time. Other than bluetoothd it fails at once where there is nobody to connect to, and disconnects at once.
class FakeNeighbour {
 public:
  static constexpr const char* kAddress = "00:AA:01:01:00:01";

  // `bluez` runs, and does so until this is gone.
  FakeNeighbour(boost::asio::io_context& loop, FakeBluez& bluez);
  ~FakeNeighbour();

 private:
  using Options = std::map<std::string, sdbus::Variant>;
  struct Device {
    std::string address;
    std::unique_ptr<sdbus::IObject> object;
    Options service_data{};
    bool connected = false;
    bool resolved = false;
    bool was_connected = false;  // ever
  };
  struct Characteristic {
    std::unique_ptr<sdbus::IObject> object;
    std::vector<std::string> flags;
    Bytes value{};
    bool notifies = false;
    bool tells_value = false;  // soon
  };

  void add_adapter();
  void start_discovery(const std::string& client);
  void stop_discovery(const std::string& client);
  void sight(const FakeFrame& frame);
  Device& device_at(const std::string& address, bool& fresh);
  void add_device(const std::string& path);

  void connect(const std::string& path, const sdbus::Result<>& result);
  void resolve(const std::string& path);
  void lost(const std::string& peer);
  void add_characteristic(const std::string& service, const std::string& path, const std::string& uuid,
                          const FakeCharacteristic& remote);
  void read(const std::string& uuid, std::shared_ptr<sdbus::Result<Bytes>> result, const Options& options);
  void write(const std::string& uuid, std::shared_ptr<sdbus::Result<>> result, const Bytes& value);
  void subscribe(const std::string& uuid, bool on);
  void heard(const std::string& uuid, const Bytes& value);
  void change(const std::string& uuid, const Bytes& value);
  void tell(Device& device, const std::vector<const char*>& properties);

  boost::asio::io_context& loop_;
  FakeBluez& bluez_;
  boost::asio::steady_timer discovered_;  // the services
  std::unique_ptr<sdbus::IObject> adapter_;
  sdbus::Slot clients_;
  std::set<std::string> discoverers_;  // unique names
  std::map<std::string, Device> devices_;
  std::string peer_;       // how hci0 calls us; empty: not connected
  std::string connected_;  // the device
  std::map<std::string, std::unique_ptr<sdbus::IObject>> services_;
  std::map<std::string, Characteristic> characteristics_;  // by UUID
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signet::bluez::testing
