#include "fmdnd/air.h"

#include <spdlog/spdlog.h>

#include "fmdn/clock.h"
#include "fmdnd/battery.h"

namespace signet::fmdnd {
namespace {

using bluez::AddressPolicy;
using bluez::Slot;

// At least one frame every 2 s; a controller that shares its time between two adverts halves what each gets.
constexpr std::chrono::milliseconds kBeaconInterval{800};
constexpr std::uint8_t kFlagsStructure[] = {0x02, 0x01, 0x06};  // LE general discoverable, no BR/EDR

}  // namespace

Air::Air(boost::asio::io_context& loop, bluez::Advertising& advertising, const Config& config, const ClockKeeper& clock,
         const Memory& memory, fmdn::UnwantedTracking& unwanted_tracking, crypto::Random& random)
    : advertising_{advertising},
      config_{config},
      clock_{clock},
      memory_{memory},
      unwanted_tracking_{unwanted_tracking},
      random_{random},
      timer_{loop},
      salt_{random.bytes<sizeof(fastpair::Salt)>()} {
  plan_rotation();
}

void Air::show(const Moment& moment, bool rotate) {
  moment_ = moment;
  if (rotate) salt_ = random_.bytes<sizeof(fastpair::Salt)>();
  apply({.slots = {{Slot::fmdn, beacon()}, {Slot::fast_pair, fast_pair()}},
         .address = rotate ? AddressPolicy::rotate : AddressPolicy::hold});
}

void Air::rekey(const Moment& moment) {
  moment_ = moment;
  compute_identity();
  salt_ = random_.bytes<sizeof(fastpair::Salt)>();
  plan_rotation();
  apply({.slots = {{Slot::fmdn, beacon()}, {Slot::fast_pair, fast_pair()}}, .address = AddressPolicy::rotate});
}

void Air::plan_rotation() {
  const auto drawn = random_.bytes<4>();
  const std::uint32_t number = std::uint32_t{drawn[0]} << 24 | std::uint32_t{drawn[1]} << 16 |
                               std::uint32_t{drawn[2]} << 8 | std::uint32_t{drawn[3]};
  const std::uint32_t delay = fmdn::until_rotation(clock_.now(), 1 + number % fmdn::kMaxJitter);
  timer_.expires_after(std::chrono::seconds{delay});
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) rotate();
  });
}

// Identifier, salt and addresses change in one instant. With unwanted-tracking protection the beacon's address stays
// for a day.
void Air::rotate() {
  compute_identity();
  salt_ = random_.bytes<sizeof(fastpair::Salt)>();
  plan_rotation();
  const bool rotates = unwanted_tracking_.address_rotates();
  bluez::Change beacons{.slots = {{Slot::fmdn, beacon()}},
                        .address = rotates ? AddressPolicy::rotate : AddressPolicy::hold};
  if (holds_fast_pair()) return apply(std::move(beacons));
  if (rotates) {
    beacons.slots.emplace(Slot::fast_pair, fast_pair());
    return apply(std::move(beacons));
  }
  apply(std::move(beacons));
  apply({.slots = {{Slot::fast_pair, fast_pair()}}, .address = AddressPolicy::rotate});
}

void Air::compute_identity() {
  const auto& eik = memory_.record().eik;
  identity_.reset();
  if (eik) identity_ = fmdn::identity_at(*eik, clock_.now(), config_.beacon.curve);
}

std::optional<bluez::Advert> Air::beacon() const {
  if (!identity_ || moment_.paused) return std::nullopt;
  const fmdn::FrameFlags flags{.battery = battery_level(moment_.battery_percent),
                               .unwanted_tracking = unwanted_tracking_.active()};
  return bluez::Advert{.data = fmdn::frame(*identity_, flags), .interval = kBeaconInterval};
}

std::optional<bluez::Advert> Air::fast_pair() const {
  const auto& record = memory_.record();
  if (!memory_.known()) return std::nullopt;  // whose it is will show
  const auto choice = fastpair::choose_advert({.locator_tag = config_.device.locator_tag,
                                               .pairing_mode = moment_.pairing_mode,
                                               .provisioned = record.eik.has_value(),
                                               .synchronised = moment_.synchronised,
                                               .paused = moment_.paused,
                                               .after_reset = moment_.after_reset,
                                               .show_ui = !config_.device.locator_tag,
                                               .model_id = config_.device.model_id,
                                               .battery = {}},
                                              record.keys.keys(), salt_);
  if (!choice) return std::nullopt;
  bluez::Advert advert{.data = {std::begin(kFlagsStructure), std::end(kFlagsStructure)},
                       .interval = choice->longest_interval};
  append(advert.data, fastpair::service_data_ad(fastpair::encode(choice->advert)));
  return advert;
}

// Pairing mode keeps its address; so does a locator tag that has been paired and waits for its owner's key.
bool Air::holds_fast_pair() const {
  const auto& record = memory_.record();
  return moment_.pairing_mode || (config_.device.locator_tag && record.waits_for_key());
}

// Slots that stay as they are and where they are do not trouble the controller.
void Air::apply(bluez::Change change) {
  if (change.address == AddressPolicy::hold) {
    std::erase_if(change.slots, [this](const auto& slot) { return shown_[slot.first] == slot.second; });
    if (change.slots.empty()) return;
  }
  for (const auto& [slot, advert] : change.slots) shown_[slot] = advert;
  advertising_.apply(std::move(change), [this](Result<void> applied) {
    problem_.reset();
    if (!applied) {
      spdlog::warn("on the air: {}", to_string(applied.error()));
      problem_ = std::move(applied).error();
    }
    if (changed_) changed_();
  });
}

}  // namespace signet::fmdnd
