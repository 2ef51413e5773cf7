#include "bluez/central/bluez_central.h"

#include <algorithm>
#include <charconv>

#include "bluez/central/bluez_link.h"
#include "bluez/central/bus_error.h"
#include "bluez/central/objects_mirror.h"

namespace signet::bluez {
namespace {

using std::chrono::milliseconds;
using Variant = sdbus::Variant;

constexpr const char* kAdapter = "org.bluez.Adapter1";
constexpr const char* kDevice = "org.bluez.Device1";
constexpr auto kCall = std::chrono::seconds{10};
// Some controllers report an advertiser only once per start of scanning, and that once may come too early.
constexpr auto kScanAgain = milliseconds{1500};
constexpr auto kConnectTry = std::chrono::seconds{20};
constexpr int kTries = 3;
// BlueZ 5.66 does not announce Connected=true of a device that it connects to for the first time.
constexpr auto kLookAgain = std::chrono::seconds{1};
constexpr std::int16_t kNoRssi = 127;  // as controllers say that they do not know it

// "0000feaa-0000-1000-8000-00805f9b34fb"
std::optional<std::uint16_t> short_uuid(std::string_view uuid) {
  if (uuid.size() != 36 || !uuid.starts_with("0000") || uuid.substr(8) != "-0000-1000-8000-00805f9b34fb") {
    return std::nullopt;
  }
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(uuid.data() + 4, uuid.data() + 8, value, 16);
  if (error != std::errc{} || end != uuid.data() + 8) return std::nullopt;
  return value;
}

std::string name_of(const std::string& adapter_path) { return adapter_path.substr(adapter_path.rfind('/') + 1); }

class BluezCentral final : public Central {
 public:
  BluezCentral(std::unique_ptr<ObjectsMirror> bus, std::string adapter)
      : bus_{std::move(bus)}, adapter_{std::move(adapter)} {}

  Result<void> scan(milliseconds limit, const Seen& seen) override;
  Result<std::unique_ptr<Link>> connect(const std::string& address, milliseconds limit) override;

 private:
  [[nodiscard]] std::optional<Sighting> sighting(const std::string& path) const;
  [[nodiscard]] std::string path_of(const std::string& address) const;
  Result<void> look_again();
  Result<void> connect_device(const std::string& path, ObjectsMirror::Deadline until);

  std::shared_ptr<ObjectsMirror> bus_;
  std::string adapter_;  // path
};

std::optional<Sighting> BluezCentral::sighting(const std::string& path) const {
  if (!path.starts_with(adapter_ + "/") || !bus_->find(path, kDevice)) return std::nullopt;
  Sighting seen{.address = bus_->value<std::string>(path, kDevice, "Address"),
                .random_address = bus_->value<std::string>(path, kDevice, "AddressType") == "random",
                .name = bus_->value<std::string>(path, kDevice, "Name")};
  const auto rssi = bus_->value<std::int16_t>(path, kDevice, "RSSI", kNoRssi);
  if (rssi != kNoRssi) seen.rssi = rssi;
  using ServiceData = std::map<std::string, Variant>;
  for (const auto& [uuid, data] : bus_->value<ServiceData>(path, kDevice, "ServiceData")) {
    const auto number = short_uuid(uuid);
    if (number && data.containsValueOfType<Bytes>()) seen.service_data[*number] = data.get<Bytes>();
  }
  return seen;
}

Result<void> BluezCentral::scan(milliseconds limit, const Seen& seen) try {
  const auto until = std::chrono::steady_clock::now() + limit;
  bool enough = false;
  bus_->on_change([&](ObjectsMirror::News, const std::string& path, const std::string& interface,
                      const ObjectsMirror::Properties& news) {
    if (enough || interface != kDevice || !(news.contains("ServiceData") || news.contains("RSSI"))) return;
    if (const auto device = sighting(path)) enough = !seen(*device);
  });
  const std::map<std::string, Variant> filter{{"Transport", Variant{std::string{"le"}}},
                                              {"DuplicateData", Variant{true}}};
  bus_->call(adapter_, kAdapter, "SetDiscoveryFilter", kCall, filter);
  while (!enough && std::chrono::steady_clock::now() < until) {
    bus_->call(adapter_, kAdapter, "StartDiscovery", kCall);
    bus_->wait(std::min(until, std::chrono::steady_clock::now() + kScanAgain), [&] { return enough; });
    bus_->call(adapter_, kAdapter, "StopDiscovery", kCall);
  }
  bus_->on_change({});
  return {};
} catch (const sdbus::Error& error) {
  bus_->on_change({});
  return fail(central_error(error.getName(), error.getMessage(), "scanning with " + name_of(adapter_)));
}

std::string BluezCentral::path_of(const std::string& address) const {
  for (const auto& [path, interfaces] : bus_->objects()) {
    if (!path.starts_with(adapter_ + "/") || !interfaces.contains(kDevice)) continue;
    if (bus_->value<std::string>(path, kDevice, "Address") == address) return path;
  }
  return "";
}

Result<void> BluezCentral::look_again() try {
  bus_->refresh();
  return {};
} catch (const sdbus::Error& error) {
  return fail(central_error(error.getName(), error.getMessage(), "connecting"));
}

Result<void> BluezCentral::connect_device(const std::string& path, ObjectsMirror::Deadline until) {
  Error last{Errc::timeout, "connecting: no answer in time. Is the device near, and free of other connections?"};
  for (int tried = 0; tried < kTries && std::chrono::steady_clock::now() < until; ++tried) {
    const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
    try {
      bus_->call(path, kDevice, "Connect", std::min<milliseconds>(left, kConnectTry));
    } catch (const sdbus::Error& error) {
      last = central_error(error.getName(), error.getMessage(), "connecting");
      if (last.code != Errc::io && last.code != Errc::timeout) return fail(last);
      bus_->wait(std::min(until, std::chrono::steady_clock::now() + milliseconds{500}), [] { return false; });
      continue;
    }
    // Answers overtake changes: what the properties say of an earlier connection goes first, and "not connected" means
    // something only after "connected".
    bus_->catch_up(std::min(until, std::chrono::steady_clock::now() + kLookAgain));
    SIGNET_TRY(look_again());
    bool was_connected = false;
    bool lost = false;
    const auto settled = [&] {
      const bool connected = bus_->value<bool>(path, kDevice, "Connected");
      was_connected = was_connected || connected;
      lost = was_connected && !connected;
      return lost || (connected && bus_->value<bool>(path, kDevice, "ServicesResolved"));
    };
    bool resolved = false;
    while (!resolved && std::chrono::steady_clock::now() < until) {
      resolved = bus_->wait(std::min(until, std::chrono::steady_clock::now() + kLookAgain), settled);
      if (!resolved) SIGNET_TRY(look_again());
    }
    if (resolved && !lost) return look_again();  // characteristics appear later than the answer to Connect
    last = lost ? Error{Errc::io, "connecting: the connection was lost before the services were known"}
                : Error{Errc::timeout, "connecting: the services were not known in time; wait longer"};
  }
  return fail(last);
}

Result<std::unique_ptr<Link>> BluezCentral::connect(const std::string& address, milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  if (path_of(address).empty()) {
    SIGNET_TRY(scan(limit, [&](const Sighting& seen) { return seen.address != address; }));
  }
  const std::string path = path_of(address);
  if (path.empty()) {
    return fail(Errc::timeout, "device " + address +
                                   " was not seen in time. Is it near and on? A private address "
                                   "changes every quarter of an hour: scan again");
  }
  // Whatever becomes of it: the link disconnects. bluetoothd would go on connecting after we gave up, and keep the
  // device from anybody else.
  auto link = make_bluez_link(bus_, path);
  SIGNET_TRY(connect_device(path, until));
  return link;
}

}  // namespace

Result<std::unique_ptr<Central>> open_bluez_central(const std::string& adapter) {
  SIGNET_ASSIGN(auto bus, ObjectsMirror::open());
  std::string off;
  for (const auto& [path, interfaces] : bus->objects()) {
    if (!interfaces.contains(kAdapter) || (!adapter.empty() && name_of(path) != adapter)) continue;
    if (bus->value<bool>(path, kAdapter, "Powered")) {
      const std::string chosen = path;
      return std::unique_ptr<Central>{std::make_unique<BluezCentral>(std::move(bus), chosen)};
    }
    off = name_of(path);
  }
  if (!off.empty()) {
    return fail(Errc::no_service,
                "Bluetooth adapter " + off + " is off; try 'bluetoothctl power on' and 'rfkill list'");
  }
  return fail(Errc::not_found, adapter.empty() ? "this machine has no Bluetooth adapter that bluetoothd knows"
                                               : "there is no Bluetooth adapter " + adapter);
}

}  // namespace signet::bluez
