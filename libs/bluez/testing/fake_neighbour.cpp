#include "bluez/testing/fake_neighbour.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/hex.h"

namespace signet::bluez::testing {
namespace {

constexpr const char* kAdapterPath = "/org/bluez/hci1";
constexpr const char* kAdapter = "org.bluez.Adapter1";
constexpr const char* kDevice = "org.bluez.Device1";
constexpr const char* kService = "org.bluez.GattService1";
constexpr const char* kCharacteristic = "org.bluez.GattCharacteristic1";
constexpr std::uint8_t kServiceData = 0x16;
constexpr std::int16_t kRssi = -58;
constexpr std::chrono::milliseconds kDiscovery{20};  // of services

sdbus::Error failure(const std::string& name, const std::string& message) {
  return sdbus::Error{sdbus::Error::Name{"org.bluez.Error." + name}, message};
}

// As bluetoothd tells its client what the other side has answered.
sdbus::Error failure_of(int att_error) {
  switch (att_error) {
    case 0x02: return failure("NotPermitted", "Read not permitted");
    case 0x03: return failure("NotPermitted", "Write not permitted");
    case 0x06: return failure("NotSupported", "Operation is not supported");
    case 0x07: return failure("InvalidArguments", "Invalid offset");
    case 0x08: return failure("NotAuthorized", "Operation Not Authorized");
    case 0x0d: return failure("InvalidArguments", "Invalid Length");
    default: break;
  }
  const auto code = static_cast<std::uint8_t>(att_error);
  return failure("Failed", "Operation failed with ATT error: 0x" + to_hex({&code, 1}));
}

// Of 16-bit services, by the UUID as bluetoothd writes it.
std::map<std::string, sdbus::Variant> service_data_of(const Bytes& advert) {
  std::map<std::string, sdbus::Variant> all;
  const BytesView data{advert};
  for (std::size_t at = 0; at < data.size(); at += 1U + data[at]) {
    if (data[at + 1] != kServiceData) continue;
    const Bytes uuid{data[at + 3], data[at + 2]};
    const auto value = data.subspan(at + 4, data[at] - 3U);
    all.emplace("0000" + to_hex(uuid) + "-0000-1000-8000-00805f9b34fb",
                sdbus::Variant{Bytes(value.begin(), value.end())});
  }
  return all;
}

bool has(const std::vector<std::string>& flags, const char* flag) { return std::ranges::count(flags, flag) > 0; }

// Where neither reads nor writes are spoken of, bluetoothd leaves both to the application.
bool permitted(const std::vector<std::string>& flags, const char* flag) {
  return has(flags, flag) || (!has(flags, "read") && !has(flags, "write"));
}

}  // namespace

FakeNeighbour::FakeNeighbour(boost::asio::io_context& loop, FakeBluez& bluez)
    : loop_{loop}, bluez_{bluez}, discovered_{loop} {
  bluez_.listen({.advert = [this](const FakeFrame& frame) { sight(frame); },
                 .notification = [this](const std::string& uuid, const Bytes& value) { heard(uuid, value); },
                 .lost = [this](const std::string& peer) { lost(peer); }});
  clients_ = bluez_.bus().addMatch(
      "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',arg2=''",
      [this](sdbus::Message signal) {
        std::string name;
        signal >> name;
        discoverers_.erase(name);
      },
      sdbus::return_slot);
  add_adapter();
}

FakeNeighbour::~FakeNeighbour() {
  *alive_ = false;
  bluez_.listen({});
}

void FakeNeighbour::add_adapter() {
  adapter_ = sdbus::createObject(bluez_.bus(), sdbus::ObjectPath{kAdapterPath});
  const auto client = [this] { return std::string{adapter_->getCurrentlyProcessedMessage().getSender()}; };
  adapter_
      ->addVTable(sdbus::registerProperty("Powered").withGetter([] { return true; }),
                  sdbus::registerProperty("Address").withGetter([] { return std::string{kAddress}; }),
                  sdbus::registerProperty("Discovering").withGetter([this] { return !discoverers_.empty(); }),
                  sdbus::registerMethod("SetDiscoveryFilter").implementedAs([](const Options&) {}),
                  sdbus::registerMethod("StartDiscovery").implementedAs([this, client] { start_discovery(client()); }),
                  sdbus::registerMethod("StopDiscovery").implementedAs([this, client] { stop_discovery(client()); }))
      .forInterface(kAdapter);
  adapter_->emitInterfacesAddedSignal();
  bluez_.pump().poke();
}

// --- scanning ---

void FakeNeighbour::start_discovery(const std::string& client) {
  if (!discoverers_.insert(client).second) throw failure("InProgress", "Operation already in progress");
  boost::asio::post(loop_, [this, alive = alive_] {
    if (!*alive) return;
    for (const auto& [path, frame] : std::map{bluez_.on_air()}) sight(frame);
  });
}

void FakeNeighbour::stop_discovery(const std::string& client) {
  if (discoverers_.erase(client) == 0) throw failure("Failed", "No discovery started");
}

// The device shows what was heard last from its address, and nothing of before.
void FakeNeighbour::sight(const FakeFrame& frame) {
  if (discoverers_.empty()) return;
  bool fresh = false;
  auto& device = device_at(bluez_.address_of(frame), fresh);
  device.service_data = service_data_of(frame.data);
  if (!fresh) return tell(device, {"RSSI", "ServiceData"});
  device.object->emitInterfacesAddedSignal();
  bluez_.pump().poke();
}

FakeNeighbour::Device& FakeNeighbour::device_at(const std::string& address, bool& fresh) {
  auto path = std::string{kAdapterPath} + "/dev_" + address;
  std::ranges::replace(path, ':', '_');
  auto& device = devices_[path];
  fresh = !device.object;
  if (!fresh) return device;
  device.address = address;
  add_device(path);
  return device;
}

void FakeNeighbour::add_device(const std::string& path) {
  auto& device = devices_.at(path);
  device.object = sdbus::createObject(bluez_.bus(), sdbus::ObjectPath{path});
  device.object
      ->addVTable(sdbus::registerProperty("Adapter").withGetter([] { return sdbus::ObjectPath{kAdapterPath}; }),
                  sdbus::registerProperty("Address").withGetter([&device] { return device.address; }),
                  sdbus::registerProperty("AddressType").withGetter([&device] {
                    return std::string{device.address == FakeBluez::kPublicAddress ? "public" : "random"};
                  }),
                  sdbus::registerProperty("RSSI").withGetter([] { return kRssi; }),
                  sdbus::registerProperty("ServiceData").withGetter([&device] { return device.service_data; }),
                  sdbus::registerProperty("Connected").withGetter([&device] { return device.connected; }),
                  sdbus::registerProperty("ServicesResolved").withGetter([&device] { return device.resolved; }),
                  sdbus::registerMethod("Connect").implementedAs(
                      [this, path](sdbus::Result<>&& result) { connect(path, result); }),
                  sdbus::registerMethod("Disconnect").implementedAs([this, path] {
                    if (path == connected_) bluez_.disconnect(peer_);
                  }))
      .forInterface(kDevice);
}

void FakeNeighbour::tell(Device& device, const std::vector<const char*>& properties) {
  std::vector<sdbus::PropertyName> names;
  for (const char* property : properties) names.emplace_back(property);
  device.object->emitPropertiesChangedSignal(sdbus::InterfaceName{kDevice}, names);
  bluez_.pump().poke();
}

// --- a connection ---

// Of the first connection to a device, bluetoothd 5.66 does not announce Connected=true.
void FakeNeighbour::connect(const std::string& path, const sdbus::Result<>& result) {
  auto& device = devices_.at(path);
  const bool advertised = std::ranges::any_of(
      bluez_.on_air(), [&](const auto& named) { return bluez_.address_of(named.second) == device.address; });
  if (device.connected) return result.returnResults();
  if (!advertised || !peer_.empty()) return result.returnError(failure("Failed", "le-connection-abort-by-local"));
  bluez_.take_off_air(device.address);
  peer_ = bluez_.connect(kAddress);
  connected_ = path;
  device.connected = true;
  result.returnResults();
  if (std::exchange(device.was_connected, true)) tell(device, {"Connected"});
  discovered_.expires_after(kDiscovery);
  discovered_.async_wait([this, path](const boost::system::error_code& cancelled) {
    if (!cancelled && path == connected_) resolve(path);
  });
}

void FakeNeighbour::resolve(const std::string& path) {
  int handle = 1;
  const auto next = [&](const char* kind) {
    const std::uint8_t octets[] = {static_cast<std::uint8_t>(handle >> 8), static_cast<std::uint8_t>(handle)};
    ++handle;
    return kind + to_hex(octets);
  };
  for (const auto& [uuid, remote] : bluez_.characteristics()) {
    auto& service = services_[remote.service];
    if (!service) {
      service = sdbus::createObject(bluez_.bus(), sdbus::ObjectPath{path + "/" + next("service")});
      service
          ->addVTable(sdbus::registerProperty("UUID").withGetter([own = remote.service] { return own; }),
                      sdbus::registerProperty("Device").withGetter([path] { return sdbus::ObjectPath{path}; }),
                      sdbus::registerProperty("Primary").withGetter([] { return true; }))
          .forInterface(kService);
      service->emitInterfacesAddedSignal();
    }
    const std::string parent = service->getObjectPath();
    add_characteristic(parent, parent + "/" + next("char"), uuid, remote);
  }
  auto& device = devices_.at(path);
  device.resolved = true;
  tell(device, {"ServicesResolved"});
}

void FakeNeighbour::add_characteristic(const std::string& service, const std::string& path, const std::string& uuid,
                                       const FakeCharacteristic& remote) {
  auto& one = characteristics_[uuid];
  one.flags = remote.flags;
  one.object = sdbus::createObject(bluez_.bus(), sdbus::ObjectPath{path});
  one.object
      ->addVTable(sdbus::registerProperty("UUID").withGetter([uuid] { return uuid; }),
                  sdbus::registerProperty("Service").withGetter([service] { return sdbus::ObjectPath{service}; }),
                  sdbus::registerProperty("Flags").withGetter([&one] { return one.flags; }),
                  sdbus::registerProperty("Value").withGetter([&one] { return one.value; }),
                  sdbus::registerProperty("Notifying").withGetter([&one] { return one.notifies; }),
                  sdbus::registerMethod("ReadValue")
                      .implementedAs([this, uuid](sdbus::Result<Bytes>&& result, const Options& options) {
                        read(uuid, std::make_shared<sdbus::Result<Bytes>>(std::move(result)), options);
                      }),
                  sdbus::registerMethod("WriteValue")
                      .implementedAs([this, uuid](sdbus::Result<>&& result, const Bytes& value, const Options&) {
                        write(uuid, std::make_shared<sdbus::Result<>>(std::move(result)), value);
                      }),
                  sdbus::registerMethod("StartNotify").implementedAs([this, uuid] { subscribe(uuid, true); }),
                  sdbus::registerMethod("StopNotify").implementedAs([this, uuid] { subscribe(uuid, false); }))
      .forInterface(kCharacteristic);
  one.object->emitInterfacesAddedSignal();
}

void FakeNeighbour::lost(const std::string& peer) {
  if (peer != peer_) return;
  peer_.clear();
  for (const auto& [uuid, one] : characteristics_) {
    if (one.notifies && bluez_.characteristics().contains(uuid)) bluez_.subscribe(uuid, false);
  }
  auto& device = devices_.at(std::exchange(connected_, {}));
  device.connected = false;
  device.resolved = false;
  tell(device, {"ServicesResolved", "Connected"});
  boost::asio::post(loop_, [this, alive = alive_] {  // not in one of their own handlers
    if (!*alive) return;
    for (const auto& [uuid, one] : characteristics_) one.object->emitInterfacesRemovedSignal();
    for (const auto& [uuid, service] : services_) service->emitInterfacesRemovedSignal();
    characteristics_.clear();
    services_.clear();
    bluez_.pump().poke();
  });
}

// --- requests ---

// A read is a change of the value, too, and told after the answer.
void FakeNeighbour::read(const std::string& uuid, std::shared_ptr<sdbus::Result<Bytes>> result,
                         const Options& options) {
  if (!permitted(characteristics_.at(uuid).flags, "read")) return result->returnError(failure_of(0x02));
  if (!bluez_.characteristics().contains(uuid)) return result->returnError(failure_of(0x01));
  const auto offset = options.contains("offset") ? options.at("offset").get<std::uint16_t>() : std::uint16_t{0};
  bluez_.read(
      peer_, uuid,
      [this, uuid, result, alive = alive_](const AttAnswer& answer) {
        if (!*alive) return;
        if (answer.error != 0) {
          result->returnError(failure_of(answer.error));
        } else {
          change(uuid, answer.value);
          result->returnResults(answer.value);
        }
        bluez_.pump().poke();
      },
      offset);
}

void FakeNeighbour::write(const std::string& uuid, std::shared_ptr<sdbus::Result<>> result, const Bytes& value) {
  if (!permitted(characteristics_.at(uuid).flags, "write")) return result->returnError(failure_of(0x03));
  if (!bluez_.characteristics().contains(uuid)) return result->returnError(failure_of(0x01));
  bluez_.write(peer_, uuid, value, [this, result, alive = alive_](const AttAnswer& answer) {
    if (!*alive) return;
    if (answer.error != 0) {
      result->returnError(failure_of(answer.error));
    } else {
      result->returnResults();
    }
    bluez_.pump().poke();
  });
}

void FakeNeighbour::subscribe(const std::string& uuid, bool on) {
  auto& one = characteristics_.at(uuid);
  if (!has(one.flags, "notify") && !has(one.flags, "indicate")) {
    throw failure("NotSupported", "Operation is not supported");
  }
  if (!on && !one.notifies) throw failure("Failed", "No notify session started");
  if (on && one.notifies) return;
  one.notifies = on;
  if (bluez_.characteristics().contains(uuid)) bluez_.subscribe(uuid, on);
}

void FakeNeighbour::heard(const std::string& uuid, const Bytes& value) {
  const auto one = characteristics_.find(uuid);
  if (one != characteristics_.end() && one->second.notifies) change(uuid, value);
}

// bluetoothd queues changes, and joins those that follow quickly; answers overtake them.
void FakeNeighbour::change(const std::string& uuid, const Bytes& value) {
  const auto known = characteristics_.find(uuid);
  if (known == characteristics_.end()) return;
  known->second.value = value;
  if (std::exchange(known->second.tells_value, true)) return;
  boost::asio::post(loop_, [this, uuid, alive = alive_] {
    if (!*alive) return;
    const auto one = characteristics_.find(uuid);
    if (one == characteristics_.end()) return;
    one->second.tells_value = false;
    one->second.object->emitPropertiesChangedSignal(sdbus::InterfaceName{kCharacteristic},
                                                    {sdbus::PropertyName{"Value"}});
    bluez_.pump().poke();
  });
}

}  // namespace signet::bluez::testing
