// org.bluez on a private bus: as much of bluetoothd as a GATT server and its connections meet, behaving as bluetoothd
// was seen to behave. Also the central on the other side: it reads and writes, and hears what comes over the air. A
// central on the bus, behind an adapter of its own, is fake_neighbour.h.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "bluez/testing/fake_managers.h"
#include "ipc/dbus/asio_bus.h"

namespace signet::bluez::testing {

// What a central gets for a request: code 0 and octets, or an ATT error.
struct AttAnswer {
  int error = 0;
  Bytes value{};

  bool operator==(const AttAnswer&) const = default;
};

// The advertising side of an adapter.
struct FakeAdvertising {
  bool extended = true;
  bool modern = true;  // 5.82; else 5.66: 31 octets, no intervals; values of 510 octets
  std::uint8_t instances = 3;
  bool privacy = true;  // else every advert comes from the public address
};

// What a scanner sees of one advertisement.
struct FakeFrame {
  int address = 0;  // a number for each
  Bytes data;
  std::uint32_t interval_ms = 0;

  bool operator==(const FakeFrame&) const = default;
};

// A characteristic of the registered application.
struct FakeCharacteristic {
  std::string path;
  std::string service;  // UUID
  std::vector<std::string> flags;
};

// Whoever is in radio range. Any function may be empty.
struct FakeEar {
  std::function<void(const FakeFrame&)> advert;  // it goes on the air, or changes there
  std::function<void(const std::string& uuid, const Bytes& value)> notification;
  std::function<void(const std::string& device)> lost;  // a connection, whoever ended it
};

class FakeBluez {
 public:
  static constexpr const char* kPublicAddress = "00:AA:01:00:00:00";

  // `address`: of the bus. Not on it before start().
  FakeBluez(boost::asio::io_context& loop, std::string address, FakeAdvertising advertising = {});
  ~FakeBluez();

  // bluetoothd starts and ends. Its adapter appears a moment after the name, if there is one.
  void start();
  void stop();
  [[nodiscard]] bool running() const { return bus_ != nullptr; }

  void set_power(bool on);  // off: all devices vanish without Connected=false
  void unplug();
  void plug_in();

  // A central. Returns its device path. Not announced: its first request is heard first; announce() makes up for it.
  std::string connect(const std::string& address, bool announced = true);
  void announce(const std::string& device);
  void disconnect(const std::string& device);                   // by the central
  void bond(const std::string& device, bool announced = true);  // not announced: it is so when it is asked for

  // What is at /org/bluez while it runs.
  [[nodiscard]] FakeManagers& managers() { return *managers_; }
  void set_pairable(bool on);  // as another program does, or bluetoothd itself
  [[nodiscard]] bool pairable() const { return pairable_; }
  [[nodiscard]] const std::string& alias() const { return alias_; }  // of the adapter; at first the host's name
  // Of Device1.Pair and of Trusted set to true: "pair PATH", "trust PATH".
  [[nodiscard]] const std::vector<std::string>& asked() const { return asked_; }

  // The application of whoever registered last.
  [[nodiscard]] bool registered() const { return !characteristics_.empty(); }
  [[nodiscard]] int registrations() const { return registrations_; }
  [[nodiscard]] std::vector<std::string> flags(const std::string& uuid) const;
  [[nodiscard]] const std::map<std::string, FakeCharacteristic>& characteristics() const { return characteristics_; }

  using Answered = std::function<void(const AttAnswer&)>;
  void read(const std::string& device, const std::string& uuid, Answered answered, std::uint16_t offset = 0);
  void write(const std::string& device, const std::string& uuid, const Bytes& value, Answered answered);
  void subscribe(const std::string& uuid, bool on);

  // What went over the air, in order: "notification <hex>" and "response". Notifications are collected for 10 ms.
  [[nodiscard]] const std::vector<std::string>& air() const { return air_; }
  [[nodiscard]] const std::vector<std::string>& disconnected() const { return disconnected_; }  // by Device1.Disconnect

  // By the advertisement's object path.
  [[nodiscard]] const std::map<std::string, FakeFrame>& on_air() const { return on_air_; }
  [[nodiscard]] std::string address_of(const FakeFrame& frame) const;
  // A central connects to what is advertised there: on an extended controller that is off the air until a connection
  // ends.
  void take_off_air(const std::string& address);
  void listen(FakeEar ear) { ear_ = std::move(ear); }

  // For objects beside the adapter's. Only while it runs.
  [[nodiscard]] sdbus::IConnection& bus() { return *bus_; }
  [[nodiscard]] dbus::AsioBus& pump() { return *pump_; }

  void expire_address() { shared_address_ = 0; }  // legacy: rpa_timeout has passed

  void refuse_registrations(int times) { refusals_ = times; }

 private:
  using Options = std::map<std::string, sdbus::Variant>;
  struct Device {
    std::unique_ptr<sdbus::IObject> object;
    bool connected = true;
    bool bonded = false;
    bool trusted = false;
    std::string address{};
  };

  struct Advertisement {
    std::string owner;
    std::unique_ptr<sdbus::IProxy> proxy;
    std::optional<sdbus::Slot> watch{};
    Options properties{};
  };

  void add_adapter();
  void add_advertising();
  void register_advertisement(sdbus::Result<>&& result, const std::string& sender, const sdbus::ObjectPath& path);
  void unregister_advertisement(const std::string& path);
  static Bytes compose(const Options& properties);
  void show(const std::string& path, bool fresh);
  void put_back();
  void owner_is_gone(const std::string& name);
  void forget_application();
  void remove_adapter();
  void remove_devices();
  void remove_device(const std::string& path);
  void register_application(sdbus::Result<>&& result, const std::string& sender, const sdbus::ObjectPath& root);
  void take_application(const std::string& sender, const sdbus::MethodReply& reply);
  void heard(sdbus::Message& signal);
  Options options(const std::string& device) const;
  static AttAnswer answer(const std::optional<sdbus::Error>& error, int not_permitted);
  sdbus::IProxy& proxy(const std::string& uuid);

  boost::asio::io_context& loop_;
  std::string address_;
  std::unique_ptr<sdbus::IConnection> bus_;
  std::unique_ptr<dbus::AsioBus> pump_;
  bool plugged_ = true;
  bool powered_ = true;
  bool pairable_ = false;
  std::string alias_ = "workbench";
  std::unique_ptr<FakeManagers> managers_;
  std::vector<std::string> asked_;
  std::unique_ptr<sdbus::IObject> root_;
  std::unique_ptr<sdbus::IObject> adapter_;
  std::map<std::string, Device> devices_;
  std::string application_;  // unique name of its owner
  std::string application_root_;
  std::map<std::string, FakeCharacteristic> characteristics_;
  std::map<std::string, std::unique_ptr<sdbus::IProxy>> proxies_;
  std::unique_ptr<sdbus::IProxy> manager_proxy_;
  std::optional<sdbus::Slot> notifications_;
  std::optional<sdbus::Slot> owners_;
  FakeAdvertising advertising_;
  std::map<std::string, Advertisement> advertisements_;
  std::map<std::string, FakeFrame> on_air_;
  std::map<std::string, FakeFrame> off_air_;  // while somebody is connected
  FakeEar ear_;
  int addresses_ = 0;
  int shared_address_ = 0;  // 0: the next one is a new one
  int registrations_ = 0;
  int refusals_ = 0;
  std::vector<std::string> air_;
  std::vector<std::string> disconnected_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signet::bluez::testing
