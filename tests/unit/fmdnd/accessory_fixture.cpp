#include "tests/unit/fmdnd/accessory_fixture.h"

namespace signet::fmdnd {
namespace {

constexpr int kPatience = 50;  // turns of the loop, on a machine that has much else to do

}  // namespace

void AccessoryFixture::start() {
  clock_.emplace(clock_path_, Times{.uptime = [this] { return uptime_; }, .wall = [this] { return wall_; }});
  air_.emplace(loop_, steady_, radio_);
  connections_.emplace();
  accessory_.emplace(Surroundings{.loop = loop_,
                                  .config = config_,
                                  .vault = vault(),
                                  .clock = *clock_,
                                  .alarm = alarm_,
                                  .advertising = *air_,
                                  .connections = *connections_,
                                  .sound = sound_,
                                  .anti_spoofing = anti_spoofing_,
                                  .random = random_});
  services_ = accessory_->services();
  accessory_->answer_through(*this);
  accessory_->begin();
  settle();
}

void AccessoryFixture::stop() {
  services_.clear();
  accessory_.reset();
  connections_.reset();
  air_.reset();
  clock_.reset();
  sound_.sounds.reset();
}

void AccessoryFixture::restart(std::chrono::seconds uptime) {
  stop();
  uptime_ = uptime;
  start();
}

void AccessoryFixture::pass(std::chrono::seconds time) {
  const auto until = uptime_ + time;
  const auto settle = [this] {
    loop_.restart();
    loop_.poll();
  };
  while (alarm_.rings && alarm_.due <= until) {
    uptime_ = std::max(uptime_, alarm_.due);
    std::exchange(alarm_.rings, {})();
    settle();
  }
  uptime_ = until;
  settle();
}

const bluez::Characteristic& AccessoryFixture::find(const std::string& uuid) const {
  for (const auto& service : services_) {
    for (const auto& characteristic : service.characteristics) {
      if (characteristic.uuid == uuid) return characteristic;
    }
  }
  throw std::runtime_error{"there is no characteristic " + uuid};
}

Result<Bytes> AccessoryFixture::read(const std::string& uuid, const std::string& device) {
  std::optional<bluez::ReadOutcome> outcome;
  find(uuid).read({.device = device, .link = "LE", .mtu = 517},
                  [&](bluez::ReadOutcome answer) { outcome = std::move(answer); });
  run_for();
  for (int more = 0; !outcome && more < kPatience; ++more) run_for();
  if (!outcome) return fail(Errc::timeout, "no answer");
  if (const auto* error = std::get_if<bluez::AttError>(&*outcome)) {
    return fail(Errc::io, "ATT error " + std::to_string(static_cast<int>(*error)));
  }
  return std::get<Bytes>(*outcome);
}

Written AccessoryFixture::write(const std::string& uuid, Bytes octets, const std::string& device) {
  std::optional<bluez::WriteOutcome> outcome;
  Written written;
  take_notifications(uuid);
  find(uuid).write({.device = device, .link = "LE", .mtu = 517}, std::move(octets), [&](bluez::WriteOutcome answer) {
    outcome = std::move(answer);
    written.notifications = notified_[uuid];
    if (std::holds_alternative<std::monostate>(*outcome)) answered();
  });
  run_for();
  for (int more = 0; !outcome && more < kPatience; ++more) run_for();
  if (!outcome) throw std::runtime_error{"a write was not answered"};
  if (const auto* error = std::get_if<bluez::AttError>(&*outcome)) written.error = *error;
  return written;
}

std::optional<Bytes> AccessoryFixture::on_air(bluez::Slot slot) const {
  const auto at = air_->on_air().find(slot);
  return at == air_->on_air().end() ? std::nullopt : std::optional{at->second.advert.data};
}

std::optional<bluez::DeviceAddress> AccessoryFixture::address(bluez::Slot slot) const { return air_->address(slot); }

}  // namespace signet::fmdnd
