#include "bluez/testing/fake_bluez.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "base/hex.h"

namespace signet::bluez::testing {
namespace {

constexpr const char* kAdapterPath = "/org/bluez/hci0";
constexpr const char* kCharacteristic = "org.bluez.GattCharacteristic1";
constexpr std::chrono::milliseconds kBatch{10};
constexpr std::size_t kLongestValue = 512;
constexpr std::size_t kLongestValueOf566 = 510;  // it counts the handle, too

sdbus::Error failure(const char* name, const char* message) {
  return sdbus::Error{sdbus::Error::Name{std::string{"org.bluez.Error."} + name}, message};
}

template <class T>
T get(const std::map<std::string, sdbus::Variant>& properties, const std::string& name) {
  return properties.at(name).get<T>();
}

}  // namespace

FakeBluez::FakeBluez(boost::asio::io_context& loop, std::string address, FakeAdvertising advertising)
    : loop_{loop}, address_{std::move(address)}, advertising_{advertising} {}

FakeBluez::~FakeBluez() {
  *alive_ = false;
  ear_ = {};
  try {
    stop();
  } catch (const sdbus::Error&) {  // the bus has gone first
  }
}

void FakeBluez::start() {
  bus_ = sdbus::createSessionBusConnectionWithAddress(address_);
  pump_ = std::make_unique<dbus::AsioBus>(loop_, *bus_);
  root_ = sdbus::createObject(*bus_, sdbus::ObjectPath{"/"});
  root_->addObjectManager();
  owners_ = bus_->addMatch(
      "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',arg2=''",
      [this](sdbus::Message signal) {
        std::string name;
        signal >> name;
        owner_is_gone(name);
      },
      sdbus::return_slot);
  managers_ = std::make_unique<FakeManagers>(*bus_, *pump_);
  bus_->requestName(sdbus::ServiceName{"org.bluez"});
  pump_->poke();
  boost::asio::post(loop_, [this, alive = alive_] {
    if (*alive && plugged_ && bus_ && !adapter_) add_adapter();
  });
}

void FakeBluez::stop() {
  if (!bus_) return;
  remove_adapter();
  managers_.reset();
  root_.reset();
  owners_.reset();
  pump_.reset();
  bus_.reset();
}

void FakeBluez::add_adapter() {
  adapter_ = sdbus::createObject(*bus_, sdbus::ObjectPath{kAdapterPath});
  adapter_
      ->addVTable(sdbus::registerProperty("Powered").withGetter([this] { return powered_; }),
                  sdbus::registerProperty("Address").withGetter([] { return std::string{kPublicAddress}; }),
                  sdbus::registerMethod("SetDiscoveryFilter").implementedAs([](const Options&) {}),
                  sdbus::registerMethod("StartDiscovery").implementedAs([] {}),  // nobody advertises near it
                  sdbus::registerMethod("StopDiscovery").implementedAs([] {}),
                  sdbus::registerProperty("Alias")
                      .withGetter([this] { return alias_; })
                      .withSetter([this](const std::string& alias) { alias_ = alias; }),
                  sdbus::registerProperty("Pairable")
                      .withGetter([this] { return pairable_; })
                      .withSetter([this](const bool& on) { pairable_ = on; }))
      .forInterface("org.bluez.Adapter1");
  adapter_
      ->addVTable(sdbus::registerMethod("RegisterApplication")
                      .implementedAs([this](sdbus::Result<>&& result, const sdbus::ObjectPath& root, const Options&) {
                        const auto message = adapter_->getCurrentlyProcessedMessage();
                        register_application(std::move(result), message.getSender(), root);
                      }),
                  sdbus::registerMethod("UnregisterApplication").implementedAs([this](const sdbus::ObjectPath& root) {
                    if (root != application_root_) throw failure("DoesNotExist", "Does Not Exist");
                    forget_application();
                  }))
      .forInterface("org.bluez.GattManager1");
  add_advertising();
  adapter_->emitInterfacesAddedSignal();
  pump_->poke();
}

void FakeBluez::add_advertising() {
  const auto active = [this] { return static_cast<std::uint8_t>(advertisements_.size()); };
  std::vector<sdbus::VTableItem> items;
  items.emplace_back(sdbus::registerProperty("ActiveInstances").withGetter(active));
  items.emplace_back(sdbus::registerProperty("SupportedInstances").withGetter([this, active] {
    return static_cast<std::uint8_t>(advertising_.instances - active());
  }));
  if (advertising_.extended) {
    items.emplace_back(sdbus::registerProperty("SupportedSecondaryChannels").withGetter([] {
      return std::vector<std::string>{"1M", "2M", "Coded"};
    }));
  }
  if (advertising_.modern) {
    items.emplace_back(sdbus::registerProperty("SupportedCapabilities").withGetter([this] {
      return Options{{"MaxAdvLen", sdbus::Variant{static_cast<std::uint8_t>(advertising_.extended ? 251 : 31)}}};
    }));
  }
  items.emplace_back(
      sdbus::registerMethod("RegisterAdvertisement")
          .implementedAs([this](sdbus::Result<>&& result, const sdbus::ObjectPath& path, const Options&) {
            register_advertisement(std::move(result), adapter_->getCurrentlyProcessedMessage().getSender(), path);
          }));
  items.emplace_back(
      sdbus::registerMethod("UnregisterAdvertisement").implementedAs([this](const sdbus::ObjectPath& path) {
        unregister_advertisement(path);
      }));
  adapter_->addVTable(sdbus::InterfaceName{"org.bluez.LEAdvertisingManager1"}, std::move(items));
}

// Reads the object before it answers, and keeps listening to it.
void FakeBluez::register_advertisement(sdbus::Result<>&& result, const std::string& sender,
                                       const sdbus::ObjectPath& path) {
  if (advertisements_.contains(path)) return result.returnError(failure("AlreadyExists", "Already Exists"));
  if (advertisements_.size() >= advertising_.instances) {
    return result.returnError(failure("NotPermitted", "Maximum advertisements reached"));
  }
  if (!powered_) return result.returnError(failure("Failed", "Failed to register advertisement"));
  auto waiting = std::make_shared<sdbus::Result<>>(std::move(result));
  auto& one = advertisements_[path];
  one.owner = sender;
  one.proxy = sdbus::createProxy(*bus_, sdbus::ServiceName{sender}, path);
  one.watch = bus_->addMatch(
      "type='signal',sender='" + sender + "',path='" + path + "',member='PropertiesChanged'",
      [this, path](sdbus::Message signal) {
        std::string interface;
        Options changed;
        signal >> interface >> changed;
        for (const auto& [name, value] : changed) advertisements_.at(path).properties.insert_or_assign(name, value);
        show(path, false);
      },
      sdbus::return_slot);
  one.proxy->callMethodAsync("GetAll")
      .onInterface("org.freedesktop.DBus.Properties")
      .withArguments(std::string{"org.bluez.LEAdvertisement1"})
      .uponReplyInvoke([this, path, waiting](std::optional<sdbus::Error> error, const Options& properties) {
        const auto known = advertisements_.find(path);
        if (known == advertisements_.end()) return;
        known->second.properties = properties;
        const std::size_t longest = advertising_.extended && advertising_.modern ? 251 : 31;
        if (error || compose(properties).size() > longest) {
          waiting->returnError(failure("Failed", "Failed to parse advertisement."));
          boost::asio::post(loop_, [this, path, alive = alive_] {
            if (*alive) advertisements_.erase(path);
          });
        } else {
          show(path, true);
          waiting->returnResults();
        }
        pump_->poke();
      });
  pump_->poke();
}

void FakeBluez::unregister_advertisement(const std::string& path) {
  on_air_.erase(path);
  off_air_.erase(path);
  if (advertisements_.erase(path) == 0) throw failure("DoesNotExist", "Does Not Exist");
}

// Service UUIDs, service data, and the flags last.
Bytes FakeBluez::compose(const Options& properties) {
  Bytes data;
  const auto uuid = [&data](const std::string& text) {
    const auto octets = *from_hex(text);
    data.insert(data.end(), {octets[1], octets[0]});
  };
  if (properties.contains("ServiceUUIDs")) {
    const auto uuids = get<std::vector<std::string>>(properties, "ServiceUUIDs");
    data.insert(data.end(), {static_cast<std::uint8_t>(1 + 2 * uuids.size()), 0x03});
    std::ranges::for_each(uuids, uuid);
  }
  for (const auto& [service, value] : get<Options>(properties, "ServiceData")) {
    const auto octets = value.get<Bytes>();
    data.insert(data.end(), {static_cast<std::uint8_t>(3 + octets.size()), 0x16});
    uuid(service);
    append(data, octets);
  }
  if (properties.contains("Discoverable") && get<bool>(properties, "Discoverable")) {
    data.insert(data.end(), {0x02, 0x01, 0x06});
  }
  return data;
}

// An extended set gets its address when it is registered; legacy ones share theirs.
void FakeBluez::show(const std::string& path, bool fresh) {
  if (!powered_) return;
  const auto& properties = advertisements_.at(path).properties;
  FakeFrame frame{.data = compose(properties), .interval_ms = 1280};
  if (advertising_.modern && properties.contains("MinInterval")) {
    frame.interval_ms = get<std::uint32_t>(properties, "MinInterval");
  }
  if (advertising_.extended) {
    const auto now = on_air_.find(path);
    const auto before = now == on_air_.end() ? off_air_.extract(path) : decltype(off_air_)::node_type{};
    if (!fresh && now != on_air_.end()) {
      frame.address = now->second.address;
    } else {
      frame.address = !fresh && before ? before.mapped().address : ++addresses_;
    }
  } else {
    if (shared_address_ == 0) shared_address_ = ++addresses_;
    frame.address = shared_address_;
  }
  on_air_.insert_or_assign(path, frame);
  if (ear_.advert) ear_.advert(frame);
}

std::string FakeBluez::address_of(const FakeFrame& frame) const {
  if (!advertising_.privacy) return kPublicAddress;
  char text[] = "40:00:00:00:00:00";
  std::snprintf(text, sizeof text, "40:00:00:00:%02X:%02X", frame.address >> 8 & 0xff, frame.address & 0xff);
  return text;
}

void FakeBluez::take_off_air(const std::string& address) {
  if (!advertising_.extended) return;
  const auto first =
      std::ranges::find_if(on_air_, [&](const auto& named) { return address_of(named.second) == address; });
  if (first != on_air_.end()) off_air_.insert(on_air_.extract(first));
}

void FakeBluez::put_back() {
  for (const auto& [path, frame] : std::exchange(off_air_, {})) {
    if (on_air_.try_emplace(path, frame).second && ear_.advert) ear_.advert(frame);
  }
}

// A client that has left the bus takes along what it has registered.
void FakeBluez::owner_is_gone(const std::string& name) {
  if (name == application_) forget_application();
  std::erase_if(advertisements_, [&](const auto& named) {
    if (named.second.owner != name) return false;
    on_air_.erase(named.first);
    off_air_.erase(named.first);
    return true;
  });
}

void FakeBluez::forget_application() {
  application_.clear();
  application_root_.clear();
  characteristics_.clear();
  proxies_.clear();
}

void FakeBluez::remove_adapter() {
  remove_devices();
  advertisements_.clear();
  on_air_.clear();
  off_air_.clear();
  notifications_.reset();
  manager_proxy_.reset();
  forget_application();
  if (!adapter_) return;
  adapter_->emitInterfacesRemovedSignal();
  adapter_.reset();
  pump_->poke();
}

void FakeBluez::unplug() {
  plugged_ = false;
  remove_adapter();
}

void FakeBluez::plug_in() {
  plugged_ = true;
  if (bus_ && !adapter_) add_adapter();
}

void FakeBluez::set_power(bool on) {
  powered_ = on;
  if (!adapter_) return;
  if (!on) {
    remove_devices();
    on_air_.clear();
    off_air_.clear();
    shared_address_ = 0;
  } else if (!advertising_.extended) {  // the kernel puts these back; an extended controller has forgotten its sets
    for (const auto& [path, advertisement] : advertisements_) show(path, true);
  }
  adapter_->emitPropertiesChangedSignal("org.bluez.Adapter1", {sdbus::PropertyName{"Powered"}});
  pump_->poke();
}

void FakeBluez::remove_devices() {
  while (!devices_.empty()) remove_device(devices_.begin()->first);
}

void FakeBluez::remove_device(const std::string& path) {
  const auto device = devices_.find(path);
  if (device->second.object) device->second.object->emitInterfacesRemovedSignal();
  const bool connected = device->second.connected;
  devices_.erase(device);
  if (connected && ear_.lost) ear_.lost(path);
  pump_->poke();
}

std::string FakeBluez::connect(const std::string& address, bool announced) {
  auto name = "dev_" + address;
  std::ranges::replace(name, ':', '_');
  const auto path = std::string{kAdapterPath} + "/" + name;
  devices_[path].connected = true;
  devices_[path].address = address;
  if (announced) announce(path);
  return path;
}

void FakeBluez::announce(const std::string& path) {
  auto& device = devices_.at(path);
  if (device.object) {
    device.object->emitPropertiesChangedSignal("org.bluez.Device1", {sdbus::PropertyName{"Connected"}});
    return pump_->poke();
  }
  device.object = sdbus::createObject(*bus_, sdbus::ObjectPath{path});
  device.object
      ->addVTable(sdbus::registerProperty("Connected").withGetter([&device] { return device.connected; }),
                  sdbus::registerProperty("Bonded").withGetter([&device] { return device.bonded; }),
                  sdbus::registerProperty("Address").withGetter([&device] { return device.address; }),
                  sdbus::registerProperty("Trusted")
                      .withGetter([&device] { return device.trusted; })
                      .withSetter([this, &device, path](const bool& on) {
                        device.trusted = on;
                        asked_.push_back((on ? "trust " : "distrust ") + path);
                      }),
                  sdbus::registerMethod("Pair").implementedAs([this, path] { asked_.push_back("pair " + path); }),
                  sdbus::registerProperty("Adapter").withGetter([] { return sdbus::ObjectPath{kAdapterPath}; }),
                  sdbus::registerMethod("Disconnect").implementedAs([this, path] {
                    disconnected_.push_back(path);
                    boost::asio::post(loop_, [this, path, alive = alive_] {
                      if (*alive && devices_.contains(path)) disconnect(path);
                    });
                  }))
      .forInterface("org.bluez.Device1");
  device.object->emitInterfacesAddedSignal();
  pump_->poke();
}

void FakeBluez::set_pairable(bool on) {
  pairable_ = on;
  if (!adapter_) return;
  adapter_->emitPropertiesChangedSignal("org.bluez.Adapter1", {sdbus::PropertyName{"Pairable"}});
  pump_->poke();
}

void FakeBluez::bond(const std::string& path, bool announced) {
  auto& device = devices_.at(path);
  device.bonded = true;
  if (announced) device.object->emitPropertiesChangedSignal("org.bluez.Device1", {sdbus::PropertyName{"Bonded"}});
  pump_->poke();
}

// The object stays, as bluetoothd keeps it for a while.
void FakeBluez::disconnect(const std::string& path) {
  auto& device = devices_.at(path);
  if (std::exchange(device.connected, false) && ear_.lost) ear_.lost(path);
  put_back();
  if (!device.object) return;
  device.object->emitPropertiesChangedSignal("org.bluez.Device1", {sdbus::PropertyName{"Connected"}});
  pump_->poke();
}

void FakeBluez::register_application(sdbus::Result<>&& result, const std::string& sender,
                                     const sdbus::ObjectPath& root) {
  if (refusals_ > 0) {
    --refusals_;
    return result.returnError(failure("Failed", "refused by the test"));
  }
  if (!application_root_.empty()) return result.returnError(failure("AlreadyExists", "Already Exists"));
  application_root_ = root;
  auto waiting = std::make_shared<sdbus::Result<>>(std::move(result));
  manager_proxy_ = sdbus::createProxy(*bus_, sdbus::ServiceName{sender}, root);
  const auto call = manager_proxy_->createMethodCall(sdbus::InterfaceName{"org.freedesktop.DBus.ObjectManager"},
                                                     sdbus::MethodName{"GetManagedObjects"});
  manager_proxy_->callMethodAsync(
      call, [this, sender, waiting](const sdbus::MethodReply& reply, std::optional<sdbus::Error> error) {
        if (error) {
          application_root_.clear();
          waiting->returnError(failure("Failed", "No object received"));
        } else {
          take_application(sender, reply);
          waiting->returnResults();
        }
        pump_->poke();
      });
  pump_->poke();
}

void FakeBluez::take_application(const std::string& sender, const sdbus::MethodReply& reply) {
  std::map<sdbus::ObjectPath, std::map<std::string, Options>> objects;
  auto message = reply;
  message >> objects;
  characteristics_.clear();
  for (const auto& [path, interfaces] : objects) {
    const auto characteristic = interfaces.find(kCharacteristic);
    if (characteristic == interfaces.end()) continue;
    const auto& properties = characteristic->second;
    const auto service = objects.at(get<sdbus::ObjectPath>(properties, "Service"));
    if (!get<bool>(service.at("org.bluez.GattService1"), "Primary")) throw std::runtime_error{"secondary service"};
    characteristics_[get<std::string>(properties, "UUID")] = {
        path, get<std::string>(service.at("org.bluez.GattService1"), "UUID"),
        get<std::vector<std::string>>(properties, "Flags")};
  }
  application_ = sender;
  ++registrations_;
  notifications_ = bus_->addMatch(
      "type='signal',sender='" + sender +
          "',interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',"
          "arg0='org.bluez.GattCharacteristic1'",
      [this](sdbus::Message signal) { heard(signal); }, sdbus::return_slot);
}

void FakeBluez::heard(sdbus::Message& signal) {
  std::string interface;
  Options properties;
  signal >> interface >> properties;
  const auto value = get<Bytes>(properties, "Value");
  const std::string path = signal.getPath();
  auto batch = std::make_shared<boost::asio::steady_timer>(loop_, kBatch);
  batch->async_wait([this, path, value, batch, alive = alive_](const boost::system::error_code&) {
    if (!*alive) return;
    air_.push_back("notification " + to_hex(value));
    for (const auto& [uuid, characteristic] : characteristics_) {
      if (characteristic.path == path && ear_.notification) return ear_.notification(uuid, value);
    }
  });
}

std::vector<std::string> FakeBluez::flags(const std::string& uuid) const { return characteristics_.at(uuid).flags; }

FakeBluez::Options FakeBluez::options(const std::string& device) const {
  return {{"device", sdbus::Variant{sdbus::ObjectPath{device}}},
          {"link", sdbus::Variant{std::string{"LE"}}},
          {"mtu", sdbus::Variant{std::uint16_t{517}}}};
}

sdbus::IProxy& FakeBluez::proxy(const std::string& uuid) {
  auto& known = proxies_[uuid];
  if (!known) {
    known =
        sdbus::createProxy(*bus_, sdbus::ServiceName{application_}, sdbus::ObjectPath{characteristics_.at(uuid).path});
  }
  return *known;
}

void FakeBluez::read(const std::string& device, const std::string& uuid, Answered answered, std::uint16_t offset) {
  auto all = options(device);
  if (offset > 0) all.emplace("offset", sdbus::Variant{offset});
  proxy(uuid)
      .callMethodAsync("ReadValue")
      .onInterface(kCharacteristic)
      .withArguments(all)
      .uponReplyInvoke([this, answered = std::move(answered)](std::optional<sdbus::Error> error, const Bytes& value) {
        air_.emplace_back("response");
        auto result = answer(error, 0x02);
        if (!error) result.value = value;
        answered(result);
      });
  pump_->poke();
}

void FakeBluez::write(const std::string& device, const std::string& uuid, const Bytes& value, Answered answered) {
  if (value.size() > (advertising_.modern ? kLongestValue : kLongestValueOf566))
    return answered({.error = 0x0d});  // the daemon is never called
  proxy(uuid)
      .callMethodAsync("WriteValue")
      .onInterface(kCharacteristic)
      .withArguments(value, options(device))
      .uponReplyInvoke([this, answered = std::move(answered)](std::optional<sdbus::Error> error) {
        air_.emplace_back("response");
        answered(answer(error, 0x03));
      });
  pump_->poke();
}

void FakeBluez::subscribe(const std::string& uuid, bool on) {
  proxy(uuid)
      .callMethodAsync(on ? "StartNotify" : "StopNotify")
      .onInterface(kCharacteristic)
      .uponReplyInvoke([](std::optional<sdbus::Error>) {});
  pump_->poke();
}

// Failed with a whole message that is a number from 0x80 to 0x9f goes on the air as it is; another number becomes
// 0x0e; what is no number becomes 0x80. Of the other names bluetoothd knows a few.
AttAnswer FakeBluez::answer(const std::optional<sdbus::Error>& error, int not_permitted) {
  if (!error) return {};
  const std::string name = error->getName();
  const std::string message = error->getMessage();
  if (name == "org.bluez.Error.NotAuthorized") return {.error = 0x08};
  if (name == "org.bluez.Error.InvalidValueLength") return {.error = 0x0d};
  if (name == "org.bluez.Error.NotSupported") return {.error = 0x06};
  if (name == "org.bluez.Error.InvalidOffset") return {.error = 0x07};
  if (name == "org.bluez.Error.NotPermitted") return {.error = not_permitted};
  if (name != "org.bluez.Error.Failed") return {.error = 0x0e};
  char* end = nullptr;
  const auto code = std::strtol(message.c_str(), &end, 0);
  if (message.empty() || *end != '\0') return {.error = 0x80};
  return {.error = code >= 0x80 && code <= 0x9f ? static_cast<int>(code) : 0x0e};
}

}  // namespace signet::bluez::testing
