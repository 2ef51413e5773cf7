#include "bluez/dbus_advertising.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/endian.h"
#include "base/hex.h"
#include "ipc/dbus/asio_bus.h"

namespace signet::bluez {
namespace {

constexpr const char* kAdvertisement = "org.bluez.LEAdvertisement1";
constexpr const char* kManager = "org.bluez.LEAdvertisingManager1";
constexpr const char* kAdapter = "org.bluez.Adapter1";

// Types of AD structures (Bluetooth Assigned Numbers, 2.3).
constexpr std::uint8_t kFlags = 0x01;
constexpr std::uint8_t kSomeUuids = 0x02;
constexpr std::uint8_t kAllUuids = 0x03;
constexpr std::uint8_t kServiceData = 0x16;
constexpr std::uint8_t kGeneralLowEnergyOnly = 0x06;

std::string uuid_at(BytesView from, std::size_t offset) {
  return fmt::format("{:04x}", load_le<std::uint16_t>(from, offset));
}

std::size_t number(const BluezObjects::Properties& properties, const std::string& name) {
  const auto entry = properties.find(name);
  if (entry == properties.end() || !entry->second.containsValueOfType<std::uint8_t>()) return 0;
  return entry->second.get<std::uint8_t>();
}

// Adapter1.Address: "00:AA:01:00:00:00", the public one or the static one, never a private one.
DeviceAddress identity_of(const BluezObjects::Properties& properties) {
  DeviceAddress address{};
  const auto entry = properties.find("Address");
  if (entry == properties.end() || !entry->second.containsValueOfType<std::string>()) return address;
  auto text = entry->second.get<std::string>();
  std::erase(text, ':');
  const auto octets = from_hex(text);
  if (octets && octets->size() == address.size()) std::ranges::copy(*octets, address.begin());
  return address;
}

std::map<std::string, sdbus::Variant> as_variants(const std::map<std::string, Bytes>& service_data) {
  std::map<std::string, sdbus::Variant> all;
  for (const auto& [uuid, octets] : service_data) all.emplace(uuid, sdbus::Variant{octets});
  return all;
}

bool differ_in_service_data_alone(DbusAdvertising::Content one, const DbusAdvertising::Content& other) {
  one.service_data = other.service_data;
  return one == other;
}

Result<void> take(DbusAdvertising::Content& content, std::uint8_t type, BytesView value) {
  if (type == kFlags && value.size() == 1 && value[0] == kGeneralLowEnergyOnly) {
    content.discoverable = true;
  } else if (type == kServiceData && value.size() >= 2) {
    const auto octets = value.subspan(2);
    content.service_data[uuid_at(value, 0)] = Bytes(octets.begin(), octets.end());
  } else if ((type == kSomeUuids || type == kAllUuids) && value.size() % 2 == 0) {
    for (std::size_t i = 0; i < value.size(); i += 2) content.service_uuids.push_back(uuid_at(value, i));
  } else {
    return fail(Errc::unsupported, fmt::format("data: bluetoothd cannot send this AD structure of type {:#04x}", type));
  }
  return {};
}

}  // namespace

Result<DbusAdvertising::Content> DbusAdvertising::content_of(const Advert& advert) {
  SIGNET_TRY(check(advert));
  Content content{.connectable = advert.connectable,
                  .interval_ms = static_cast<std::uint32_t>(advert.interval.count())};
  const BytesView data{advert.data};
  for (std::size_t at = 0; at < data.size(); at += 1U + data[at]) {
    SIGNET_TRY(take(content, data[at + 1], data.subspan(at + 2, data[at] - 1U)));
  }
  return content;
}

DbusAdvertising::DbusAdvertising(boost::asio::io_context& loop, sdbus::IConnection& bus, dbus::AsioBus& pump,
                                 BluezObjects& bluez, std::string root, std::string controller)
    : loop_{loop},
      bus_{bus},
      pump_{pump},
      bluez_{bluez},
      root_{std::move(root)},
      wanted_controller_{std::move(controller)},
      jobs_{loop, [this] { begin(); }} {
  bluez_.listen({.added =
                     [this, alive = alive_](const auto& path, const auto& interface, const auto& properties) {
                       if (*alive) appeared(path, interface, properties);
                     },
                 .changed =
                     [this, alive = alive_](const auto& path, const auto& interface, const auto& properties) {
                       if (*alive) changed(path, interface, properties);
                     },
                 .removed =
                     [this, alive = alive_](const auto& path, const auto& interface) {
                       if (*alive) removed(path, interface);
                     }});
}

DbusAdvertising::~DbusAdvertising() {
  *alive_ = false;
  for (const auto& [slot, content] : registered_) {
    bluez_.call({.path = adapter_, .interface = kManager, .name = "UnregisterAdvertisement", .object = path(slot)},
                [](const std::optional<sdbus::Error>&) {});
  }
}

std::string DbusAdvertising::path(Slot slot) const { return fmt::format("{}/{}", root_, name(slot)); }

// --- what bluetoothd shows ---

bool DbusAdvertising::is_ours(const std::string& path) const {
  if (!adapter_.empty()) return path == adapter_;
  return wanted_controller_.empty() || path.substr(path.rfind('/') + 1) == wanted_controller_;
}

void DbusAdvertising::appeared(const std::string& path, const std::string& interface,
                               const BluezObjects::Properties& properties) {
  if (!is_ours(path)) return;
  if (interface == kAdapter) {
    adapter_ = path;
    controller_.name = path.substr(path.rfind('/') + 1);
    controller_.identity = identity_of(properties);
    power(boolean(properties, "Powered"));
  }
  if (interface != kManager) return;
  adapter_ = path;
  controller_.name = path.substr(path.rfind('/') + 1);
  controller_.extended = properties.contains("SupportedSecondaryChannels");
  controller_.sets = number(properties, "SupportedInstances") + number(properties, "ActiveInstances");
  controller_.longest = kLegacyAdvertSize;
  // Where bluetoothd tells what it can, it can choose intervals: 5.66 does neither without its experimental switch.
  const auto capabilities = properties.find("SupportedCapabilities");
  chooses_interval_ = capabilities != properties.end();
  if (chooses_interval_ && capabilities->second.containsValueOfType<BluezObjects::Properties>()) {
    const auto longest = number(capabilities->second.get<BluezObjects::Properties>(), "MaxAdvLen");
    controller_.longest = std::clamp(longest, kLegacyAdvertSize, kLongestAdvert);
  }
  registered_.clear();
  restore();
  tell();
}

void DbusAdvertising::changed(const std::string& path, const std::string& interface,
                              const BluezObjects::Properties& properties) {
  if (interface == kAdapter && path == adapter_) power(boolean(properties, "Powered"));
}

// After a power cycle of an extended controller bluetoothd believes the adverts active, and nothing is on the air.
void DbusAdvertising::power(std::optional<bool> on) {
  if (!on || *on == controller_.powered) return;
  controller_.powered = *on;
  if (*on) restore();
  tell();
}

void DbusAdvertising::removed(const std::string& path, const std::string& interface) {
  if (path != adapter_ || (interface != kManager && interface != kAdapter)) return;
  adapter_.clear();
  controller_ = {};
  registered_.clear();
  tell();
}

void DbusAdvertising::restore() {
  jobs_.add_first({}, [](const Job& job) { return !job.change; });
}

// --- jobs ---

void DbusAdvertising::apply(Change change, Done done) { jobs_.add({std::move(change), std::move(done)}); }

void DbusAdvertising::begin() {
  steps_.clear();
  const auto& change = jobs_.current().change;
  if (!change) {
    plan_restore();
    return run_step();
  }
  if (auto admitted = admit(*change); !admitted) return jobs_.finish(admitted);
  for (const auto& [slot, advert] : change->slots) {
    wanted_.erase(slot);
    if (advert) wanted_.emplace(slot, *content_of(*advert));
  }
  if (!bluez_.has(adapter_, kManager)) return jobs_.finish(fail(Errc::no_service, "no Bluetooth controller"));
  if (!controller_.powered) return jobs_.finish(fail(Errc::no_service, "the Bluetooth controller has no power"));
  plan(*change);
  run_step();
}

Result<void> DbusAdvertising::admit(const Change& change) const {
  SIGNET_TRY(check(change, controller_));
  for (const auto& [slot, advert] : change.slots) {
    if (!advert) continue;
    if (auto content = content_of(*advert); !content) {
      return fail(content.error().code, fmt::format("{}: {}", name(slot), content.error().context));
    }
  }
  return {};
}

// All off before anything is on, as in every rotation; on a legacy controller that concerns every slot.
void DbusAdvertising::plan(const Change& change) {
  const bool any = std::ranges::any_of(change.slots, [](const auto& named) { return named.second.has_value(); });
  if (change.address == AddressPolicy::rotate && !controller_.extended && any) return plan_restore();
  std::deque<Step> on;
  for (const auto& [slot, advert] : change.slots) {
    if (advert && change.address == AddressPolicy::hold && update(slot, wanted_.at(slot))) continue;
    if (registered_.contains(slot)) steps_.push_back({slot, false});
    if (advert) on.push_back({slot, true});
  }
  steps_.insert(steps_.end(), on.begin(), on.end());
}

void DbusAdvertising::plan_restore() {
  if (!bluez_.has(adapter_, kManager) || !controller_.powered) return;
  for (const auto& [slot, content] : registered_) steps_.push_back({slot, false});
  for (const auto& [slot, content] : wanted_) steps_.push_back({slot, true});
}

bool DbusAdvertising::update(Slot slot, const Content& content) {
  const auto now = registered_.find(slot);
  if (now == registered_.end() || !differ_in_service_data_alone(now->second, content)) return false;
  now->second = content;
  objects_.at(slot)->emitPropertiesChangedSignal(kAdvertisement, {sdbus::PropertyName{"ServiceData"}});
  pump_.poke();
  return true;
}

void DbusAdvertising::run_step() {
  if (steps_.empty()) return jobs_.finish({});
  const auto step = steps_.front();
  steps_.pop_front();
  BluezObjects::Method method{.path = adapter_, .interface = kManager, .object = path(step.slot)};
  if (step.registers) {
    const auto wanted = wanted_.find(step.slot);
    if (wanted == wanted_.end()) return run_step();
    registered_.insert_or_assign(step.slot, wanted->second);  // bluetoothd reads it before it answers
    expose(step.slot, wanted->second);
    method.name = "RegisterAdvertisement";
    method.options = BluezObjects::Properties{};
  } else {
    method.name = "UnregisterAdvertisement";
  }
  bluez_.call(method, [this, alive = alive_, step](const std::optional<sdbus::Error>& error) {
    if (*alive) step_done(step, error);
  });
}

void DbusAdvertising::step_done(const Step& step, const std::optional<sdbus::Error>& error) {
  if (!step.registers || error) registered_.erase(step.slot);
  if (!step.registers && !registered_.contains(step.slot)) objects_.erase(step.slot);
  if (!error || !step.registers) return run_step();  // what is not there need not be unregistered
  const std::string reason = error->getMessage();
  spdlog::warn("{}: advertising: {}", controller_.name, reason);
  const bool full = error->getName() == "org.bluez.Error.NotPermitted";
  if (full) wanted_.erase(step.slot);  // refused, not postponed
  jobs_.finish(fail(full ? Errc::store_full : Errc::io, "advertising: " + reason));
}

// The optional properties are there or not: a new object for each registration.
void DbusAdvertising::expose(Slot slot, const Content& content) {
  objects_.erase(slot);
  auto object = sdbus::createObject(bus_, sdbus::ObjectPath{path(slot)});
  std::vector<sdbus::VTableItem> items;
  items.emplace_back(sdbus::registerProperty("Type").withGetter(
      [connectable = content.connectable] { return std::string{connectable ? "peripheral" : "broadcast"}; }));
  items.emplace_back(sdbus::registerProperty("ServiceData").withGetter([this, slot] {
    const auto now = registered_.find(slot);
    return now == registered_.end() ? as_variants({}) : as_variants(now->second.service_data);
  }));
  if (!content.service_uuids.empty()) {
    items.emplace_back(
        sdbus::registerProperty("ServiceUUIDs").withGetter([uuids = content.service_uuids] { return uuids; }));
  }
  if (content.discoverable) items.emplace_back(sdbus::registerProperty("Discoverable").withGetter([] { return true; }));
  for (const char* bound : {"MinInterval", "MaxInterval"}) {
    items.emplace_back(
        sdbus::registerProperty(bound).withGetter([interval = content.interval_ms] { return interval; }));
  }
  // On a legacy controller adverts take turns: 1 s each, not the kernel's 2.
  if (!controller_.extended) {
    items.emplace_back(sdbus::registerProperty("Duration").withGetter([] { return std::uint16_t{1}; }));
  }
  items.emplace_back(sdbus::registerMethod("Release").implementedAs([this, slot, self = object.get()] {
    if (bluez_.calls(*self)) registered_.erase(slot);
  }));
  object->addVTable(sdbus::InterfaceName{kAdvertisement}, std::move(items));
  objects_.insert_or_assign(slot, std::move(object));
}

// --- what is known ---

std::set<Limitation> DbusAdvertising::limitations() const {
  if (controller_.name.empty()) return {Limitation::no_controller};
  auto all = limitations_of(controller_);
  all.erase(Limitation::no_privacy);
  all.insert({Limitation::bluetoothd_hides_address, Limitation::bluetoothd_hold_ends, Limitation::flags_last});
  if (controller_.longest <= kLegacyAdvertSize) all.insert(Limitation::legacy_short_frames);
  if (!chooses_interval_) all.insert(Limitation::default_interval);
  return all;
}

void DbusAdvertising::tell() {
  boost::asio::post(loop_, [this, alive = alive_] {
    if (*alive && changed_) changed_();
  });
}

}  // namespace signet::bluez
