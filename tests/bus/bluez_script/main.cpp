// bluez_script: a conversation between two adapters, through whatever is org.bluez on the system bus. The list of what
// is expected is the same for the fake (CTest, quick) and for bluetoothd (bed I): so the fake is checked. It is about
// what D-Bus clients see; what is on the air, and in which order, is for the bed's capture to say.
#include <cstdlib>
#include <iostream>
#include <optional>
#include <stdexcept>

#include "base/hex.h"
#include "bluez/central/bluez_central.h"
#include "bluez/central/objects_mirror.h"
#include "tests/bus/bluez_script/peripheral.h"

namespace signet::bluez {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Options = std::map<std::string, sdbus::Variant>;

constexpr const char* kAdapterPath = "/org/bluez/hci1";
constexpr const char* kAdvertiser = "/org/bluez/hci0";
constexpr const char* kDevicePath = "/org/bluez/hci1/dev_00_AA_01_00_00_00";
constexpr const char* kAddress = "00:AA:01:00:00:00";
constexpr const char* kDevice = "org.bluez.Device1";
constexpr const char* kCharacteristic = "org.bluez.GattCharacteristic1";
constexpr const char* kUs = "hci0/dev_00_AA_01_01_00_01 LE 517";
constexpr auto kCall = seconds{30};

// Compares, counts and prints.
class Expectations {
 public:
  void equal(const std::string& what, const std::string& got, const std::string& expected) {
    const bool same = got == expected;
    std::cout << (same ? "ok: " : "DIFFERS: ") << what << ": " << got;
    if (!same) std::cout << ", expected: " << expected;
    std::cout << std::endl;
    if (!same) ++differences_;
  }
  [[nodiscard]] int differences() const { return differences_; }

 private:
  int differences_ = 0;
};

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

// The owner of the phone.
class Script {
 public:
  void run() {
    is_found();
    is_connected();
    reads();
    writes();
    is_notified();
    errors_come_back();
    asks_for_what_cannot_be();
    is_disconnected();
  }
  [[nodiscard]] int differences() const { return it_.differences(); }

 private:
  std::string found(const std::string& octets) {
    std::optional<Sighting> seen;
    const auto scanned = must(open_bluez_central("hci1"))->scan(seconds{30}, [&](const Sighting& one) {
      if (one.address != kAddress || !one.service_data.contains(0xfeaa)) return true;
      seen = one;
      return to_hex(one.service_data.at(0xfeaa)) != octets;
    });
    if (!scanned) return to_string(scanned.error());
    if (!seen) return "nothing";
    return seen->address + (seen->random_address ? " random " : " public ") + to_hex(seen->service_data.at(0xfeaa));
  }

  void is_found() {
    it_.equal("an advert is seen", found("40010203"), std::string{kAddress} + " public 40010203");
    peripheral_.advertise({0x40, 9, 9, 9});
    it_.equal("and its new content", found("40090909"), std::string{kAddress} + " public 40090909");
    it_.equal("a client that does not scan cannot stop", attempt(kAdapterPath, "org.bluez.Adapter1", "StopDiscovery"),
              "org.bluez.Error.Failed: No discovery started");
    const sdbus::ObjectPath nothing{"/org/signet/nothing"};
    it_.equal("an advert that is not there",
              attempt(kAdvertiser, "org.bluez.LEAdvertisingManager1", "UnregisterAdvertisement", nothing),
              "org.bluez.Error.DoesNotExist: Does Not Exist");
    it_.equal("an application that is not there",
              attempt(kAdvertiser, "org.bluez.GattManager1", "UnregisterApplication", nothing),
              "org.bluez.Error.DoesNotExist: Does Not Exist");
  }

  void is_connected() {
    it_.equal("connects", attempt(kDevicePath, kDevice, "Connect"), "");
    const bool resolved = wait([&] {
      bus_->refresh();
      return bus_->value<bool>(kDevicePath, kDevice, "ServicesResolved");
    });
    it_.equal("the services become known", resolved ? "yes" : "no", "yes");
    it_.equal("then it is connected", bus_->value<bool>(kDevicePath, kDevice, "Connected") ? "yes" : "no", "yes");
    it_.equal("flags", flags(kEcho), "read, write, notify");
    it_.equal("flags", flags(kOnlyRead), "read");
    it_.equal("flags", flags(kOnlyWrite), "write");
    it_.equal("flags", flags(kOnlyNotify), "notify");
  }

  void reads() {
    peripheral_.take_calls();
    it_.equal("a read", read(kEcho), "0101");
    it_.equal("reaches the application with", joined(peripheral_.wait_for_calls(1)), std::string{"read "} + kUs);
    it_.equal("and is a change of the value, too", next_value(kEcho), "0101");
    it_.equal("reading what can be written only", read(kOnlyWrite), "org.bluez.Error.NotPermitted: Read not permitted");
    it_.equal("does not reach it", joined(peripheral_.take_calls()), "");
    it_.equal("reading what can only notify", read(kOnlyNotify), "0102");
    it_.equal("does", joined(peripheral_.wait_for_calls(1)), std::string{"read "} + kUs);
  }

  void writes() {
    it_.equal("a write", write(kEcho, {0, 1, 2}), "");
    it_.equal("reaches the application with", joined(peripheral_.wait_for_calls(1)), std::string{"write "} + kUs);
    it_.equal("510 octets", write(kEcho, Bytes(510, 0)), "");
    it_.equal("arrive at once", std::to_string(peripheral_.written()), "510");
    peripheral_.take_calls();
    it_.equal("511 octets", write(kEcho, Bytes(511, 0)), "org.bluez.Error.InvalidArguments: Invalid Length");
    it_.equal("writing what can be read only", write(kOnlyRead, {0}),
              "org.bluez.Error.NotPermitted: Write not permitted");
    it_.equal("do not", joined(peripheral_.take_calls()), "");
    it_.equal("writing what can only notify", write(kOnlyNotify, {0x9e}),
              "org.bluez.Error.Failed: Operation failed with ATT error: 0x9e");
    it_.equal("does", joined(peripheral_.wait_for_calls(1)), std::string{"write "} + kUs);
  }

  void is_notified() {
    values_.clear();
    it_.equal("a write without a subscription", write(kEcho, {0, 5}), "");
    it_.equal("brings nothing", next_value(kEcho, milliseconds{500}), "nothing");
    peripheral_.take_calls();
    it_.equal("a subscription", subscribe(kEcho), "");
    it_.equal("is told to the application", joined(peripheral_.wait_for_calls(1)), "subscribed");
    it_.equal("a write", write(kEcho, {0, 6, 7}), "");
    it_.equal("then brings the notification", next_value(kEcho), "000607");
    it_.equal("and", next_value(kEcho, milliseconds{500}), "nothing");
    it_.equal("a subscription to what does not notify", subscribe(kOnlyRead),
              "org.bluez.Error.NotSupported: Operation is not supported");
  }

  void errors_come_back() {
    const auto raw = [](const std::string& code) {
      return "org.bluez.Error.Failed: Operation failed with ATT error: 0x" + code;
    };
    it_.equal("error 0x80", write(kEcho, {0x80}), raw("80"));
    it_.equal("error 0x81", write(kEcho, {0x81}), raw("81"));
    it_.equal("error 0x82", write(kEcho, {0x82}), raw("82"));
    it_.equal("error 0x9f", write(kEcho, {0x9f}), raw("9f"));
    it_.equal("error 0x0e", write(kEcho, {0x0e}), raw("0e"));
    it_.equal("error 0x11, which bluetoothd cannot send", write(kEcho, {0x11}), raw("0e"));
    it_.equal("error 0x03", write(kEcho, {0x03}), "org.bluez.Error.NotPermitted: Write not permitted");
    it_.equal("error 0x06", write(kEcho, {0x06}), "org.bluez.Error.NotSupported: Operation is not supported");
    it_.equal("error 0x07", write(kEcho, {0x07}), "org.bluez.Error.InvalidArguments: Invalid offset");
    it_.equal("error 0x08", write(kEcho, {0x08}), "org.bluez.Error.NotAuthorized: Operation Not Authorized");
    it_.equal("error 0x0d", write(kEcho, {0x0d}), "org.bluez.Error.InvalidArguments: Invalid Length");
  }

  void asks_for_what_cannot_be() {
    it_.equal("connecting twice", attempt(kDevicePath, kDevice, "Connect"), "");
    it_.equal("unsubscribing from what was not subscribed to",
              attempt(path_of(kOnlyNotify), kCharacteristic, "StopNotify"),
              "org.bluez.Error.Failed: No notify session started");
  }

  void is_disconnected() {
    peripheral_.take_calls();
    const auto path = path_of(kEcho);
    it_.equal("disconnects", attempt(kDevicePath, kDevice, "Disconnect"), "");
    it_.equal("which ends the subscription", joined(peripheral_.wait_for_calls(1)), "unsubscribed");
    const bool over = wait([&] {
      bus_->refresh();
      return !bus_->value<bool>(kDevicePath, kDevice, "Connected");
    });
    it_.equal("and the connection", over ? "yes" : "no", "yes");
    it_.equal("disconnecting twice", attempt(kDevicePath, kDevice, "Disconnect"), "");
    it_.equal("the advert is on the air again", found("40090909"), std::string{kAddress} + " public 40090909");
  }

  // --- what it asks with ---

  static std::unique_ptr<Central> must(Result<std::unique_ptr<Central>> central) {
    if (!central) throw std::runtime_error{to_string(central.error())};
    return *std::move(central);
  }
  static std::unique_ptr<ObjectsMirror> open() {
    auto bus = ObjectsMirror::open();
    if (!bus) throw std::runtime_error{to_string(bus.error())};
    return *std::move(bus);
  }

  template <class... Arguments>
  std::string attempt(const std::string& path, const std::string& interface, const std::string& method,
                      const Arguments&... arguments) {
    try {
      bus_->call(path, interface, method, kCall, arguments...);
      return "";
    } catch (const sdbus::Error& error) {
      return error.getName() + ": " + error.getMessage();
    }
  }
  bool wait(const std::function<bool()>& done, milliseconds limit = seconds{30}) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!done()) {
      if (std::chrono::steady_clock::now() > until) return false;
      bus_->wait(std::chrono::steady_clock::now() + milliseconds{100}, [] { return false; });
    }
    return true;
  }

  std::string path_of(const std::string& uuid) const {
    for (const auto& [path, interfaces] : bus_->objects()) {
      if (path.starts_with(kDevicePath) && bus_->value<std::string>(path, kCharacteristic, "UUID") == uuid) return path;
    }
    throw std::runtime_error{"no characteristic " + uuid};
  }
  std::string flags(const std::string& uuid) const {
    return joined(bus_->value<std::vector<std::string>>(path_of(uuid), kCharacteristic, "Flags"));
  }
  std::string read(const std::string& uuid) {
    try {
      return to_hex(bus_->ask<Bytes>(path_of(uuid), kCharacteristic, "ReadValue", kCall, Options{}));
    } catch (const sdbus::Error& error) {
      return error.getName() + ": " + error.getMessage();
    }
  }
  std::string write(const std::string& uuid, const Bytes& value) {
    const Options how{{"type", sdbus::Variant{std::string{"request"}}}};
    return attempt(path_of(uuid), kCharacteristic, "WriteValue", value, how);
  }
  std::string subscribe(const std::string& uuid) { return attempt(path_of(uuid), kCharacteristic, "StartNotify"); }

  std::string next_value(const std::string& uuid, milliseconds limit = seconds{10}) {
    bus_->on_change([&](ObjectsMirror::News kind, const std::string& path, const std::string& interface,
                        const ObjectsMirror::Properties& news) {
      const auto value = news.find("Value");
      if (kind == ObjectsMirror::News::appeared || interface != kCharacteristic || value == news.end()) return;
      values_[path].push_back(to_hex(value->second.get<Bytes>()));
    });
    auto& values = values_[path_of(uuid)];
    bus_->wait(std::chrono::steady_clock::now() + limit, [&] { return !values.empty(); });
    if (values.empty()) return "nothing";
    const auto first = values.front();
    values.erase(values.begin());
    return first;
  }

  Expectations it_;
  Peripheral peripheral_{{0x40, 1, 2, 3}};
  std::unique_ptr<ObjectsMirror> bus_ = open();
  std::map<std::string, std::vector<std::string>> values_;  // by path
};

}  // namespace
}  // namespace signet::bluez

int main() try {
  signet::bluez::Script script;
  script.run();
  if (script.differences() == 0) return EXIT_SUCCESS;
  std::cerr << "bluez_script: " << script.differences() << " differences\n";
  return EXIT_FAILURE;
} catch (const std::exception& failure) {
  std::cerr << "bluez_script: " << failure.what() << '\n';
  return EXIT_FAILURE;
}
