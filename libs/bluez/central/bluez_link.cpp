#include "bluez/central/bluez_link.h"

#include "bluez/central/bonding.h"
#include "bluez/central/bus_error.h"
#include "bluez/central/value_changes.h"

namespace signet::bluez {
namespace {

using std::chrono::milliseconds;
using Options = std::map<std::string, sdbus::Variant>;

constexpr const char* kDevice = "org.bluez.Device1";
constexpr const char* kCharacteristic = "org.bluez.GattCharacteristic1";
constexpr auto kDisconnect = std::chrono::seconds{6};

class BluezLink final : public Link {
 public:
  BluezLink(std::shared_ptr<ObjectsMirror> bus, std::string device) : bus_{std::move(bus)}, device_{std::move(device)} {
    // The value that a characteristic appears with is no notification.
    bus_->on_change([this](ObjectsMirror::News kind, const std::string& path, const std::string& interface,
                           const ObjectsMirror::Properties& news) {
      const auto value = news.find("Value");
      if (kind == ObjectsMirror::News::appeared || interface != kCharacteristic || value == news.end()) return;
      if (value->second.containsValueOfType<Bytes>()) values_[path].changed(value->second.get<Bytes>());
    });
  }
  // The handler of a destructor's own try block would throw again.
  ~BluezLink() override {
    try {
      bus_->on_change({});
      bus_->call(device_, kDevice, "Disconnect", kDisconnect);
    } catch (const sdbus::Error&) {  // it has gone by itself
    }
  }

  Result<ReadOutcome> read(const std::string& uuid, milliseconds limit) override {
    SIGNET_ASSIGN(const std::string path, find(uuid));
    auto& values = values_[path];
    values.read_begins();
    try {
      const auto value = bus_->ask<Bytes>(path, kCharacteristic, "ReadValue", limit, Options{});
      values.read_ends(value);
      return ReadOutcome{value};
    } catch (const sdbus::Error& error) {
      values.read_fails();
      return failed<ReadOutcome>(error, "reading " + uuid);
    }
  }

  Result<WriteOutcome> write(const std::string& uuid, BytesView value, milliseconds limit) override {
    SIGNET_ASSIGN(const std::string path, find(uuid));
    try {
      const Options options{{"type", sdbus::Variant{std::string{"request"}}}};
      bus_->call(path, kCharacteristic, "WriteValue", limit, Bytes{value.begin(), value.end()}, options);
      return WriteOutcome{};
    } catch (const sdbus::Error& error) {
      return failed<WriteOutcome>(error, "writing " + uuid);
    }
  }

  Result<void> subscribe(const std::string& uuid, milliseconds limit) override {
    SIGNET_ASSIGN(const std::string path, find(uuid));
    values_.erase(path);  // what was known of the value before is no notification
    try {
      bus_->call(path, kCharacteristic, "StartNotify", limit);
      return {};
    } catch (const sdbus::Error& error) {
      return fail(central_error(error.getName(), error.getMessage(), "enabling notifications of " + uuid));
    }
  }

  Result<Bytes> next_notification(const std::string& uuid, milliseconds limit) override {
    SIGNET_ASSIGN(const std::string path, find(uuid));
    std::optional<Bytes> value;
    const auto lost = [&] { return !connected(); };
    bus_->wait(std::chrono::steady_clock::now() + limit, [&] {
      if (!value) value = values_[path].take();
      return value || lost();
    });
    if (value) return *std::move(value);
    if (lost()) return fail(Errc::io, "waiting for a notification: the connection is lost. Move nearer and try again");
    return fail(Errc::timeout, "waiting for a notification: none came within " +
                                   std::to_string(std::chrono::ceil<std::chrono::seconds>(limit).count()) + " s");
  }

  Result<std::uint32_t> begin_bonding(milliseconds limit) override {
    bonding_.emplace(*bus_, device_);
    return bonding_->begin(limit);
  }

  Result<void> finish_bonding(bool same, milliseconds limit) override {
    if (!bonding_) return fail(Errc::invalid_argument, "bonding: none has begun");
    auto outcome = bonding_->finish(same, limit);
    bonding_.reset();
    return outcome;
  }

  bool has(const std::string& uuid) override { return find(uuid).has_value(); }

 private:
  template <class Outcome>
  static Result<Outcome> failed(const sdbus::Error& error, const std::string& what) {
    if (const auto code = att_error(error.getName(), error.getMessage())) return Outcome{*code};
    return fail(central_error(error.getName(), error.getMessage(), what));
  }

  [[nodiscard]] bool connected() const { return bus_->value<bool>(device_, kDevice, "Connected"); }

  [[nodiscard]] Result<std::string> find(const std::string& uuid) const {
    for (const auto& [path, interfaces] : bus_->objects()) {
      if (!path.starts_with(device_ + "/") || !interfaces.contains(kCharacteristic)) continue;
      if (bus_->value<std::string>(path, kCharacteristic, "UUID") == uuid) return path;
    }
    if (!connected()) return fail(Errc::io, "the connection is lost. Move nearer and try again");
    return fail(Errc::not_found, "the device has no characteristic " + uuid + "; is it an accessory of this kind?");
  }

  std::shared_ptr<ObjectsMirror> bus_;
  std::string device_;
  std::map<std::string, ValueChanges> values_;  // by path
  std::optional<Bonding> bonding_;
};

}  // namespace

std::unique_ptr<Link> make_bluez_link(std::shared_ptr<ObjectsMirror> bus, std::string device) {
  return std::make_unique<BluezLink>(std::move(bus), std::move(device));
}

}  // namespace signet::bluez
