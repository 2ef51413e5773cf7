#include "fmdnd/air.h"

#include <spdlog/spdlog.h>

#include "fmdn/clock.h"
#include "fmdnd/battery.h"

namespace signet::fmdnd {
namespace {

using bluez::AddressPolicy;
using bluez::Slot;

// At least one frame every 2 s, also from a controller that shares its time between two adverts: 1 s each, and what it
// takes to change over.
constexpr std::chrono::milliseconds kBeaconInterval{600};
constexpr std::uint8_t kFlagsStructure[] = {0x02, 0x01, 0x06};  // LE general discoverable, no BR/EDR

// Errors of Advertising::apply() after which it is as if nothing had been asked for; after others it happens later.
bool changes_nothing(Errc code) {
  return code == Errc::invalid_argument || code == Errc::unsupported || code == Errc::store_full;
}

void warn(const Error& error) { spdlog::warn("not on the air: {} ({})", error.context, name(error.code)); }

}  // namespace

Air::Air(Alarm& alarm, bluez::Advertising& advertising, const Config& config, const ClockKeeper& clock,
         const Memory& memory, fmdn::UnwantedTracking& unwanted_tracking, crypto::Random& random)
    : alarm_{alarm},
      advertising_{advertising},
      config_{config},
      clock_{clock},
      memory_{memory},
      unwanted_tracking_{unwanted_tracking},
      random_{random},
      salt_{random.bytes<sizeof(fastpair::Salt)>()} {
  plan_rotation();
}

void Air::show(const Moment& moment, bool rotate) {
  moment_ = moment;
  if (rotate) return rotate_addresses(true);
  apply({.slots = {{Slot::fmdn, beacon()}, {Slot::fast_pair, fast_pair()}}, .address = AddressPolicy::hold});
}

void Air::rekey(const Moment& moment) {
  moment_ = moment;
  const auto& eik = memory_.record().eik;
  eik_ = eik ? std::optional{eik->clone()} : std::nullopt;
  compute_identity();
  plan_rotation();
  rotate_addresses(true);
}

void Air::look_again() {
  const auto now = advertising_.controller();
  const bool same = now.name == controller_.name && now.longest == controller_.longest && now.sets == controller_.sets;
  if (now.name.empty() || same) return;
  controller_ = now;
  shown_.clear();
  show(moment_, false);
}

void Air::end(std::function<void()> done) {
  ended_ = true;
  advertising_.apply({.slots = {{Slot::fmdn, {}}, {Slot::fast_pair, {}}}, .address = AddressPolicy::hold},
                     [done = std::move(done)](const Result<void>&) { done(); });
}

void Air::plan_rotation() {
  const auto drawn = random_.bytes<4>();
  const std::uint32_t number = std::uint32_t{drawn[0]} << 24 | std::uint32_t{drawn[1]} << 16 |
                               std::uint32_t{drawn[2]} << 8 | std::uint32_t{drawn[3]};
  const std::uint32_t delay = fmdn::until_rotation(clock_.now(), 1 + number % fmdn::kMaxJitter);
  alarm_.set(std::chrono::seconds{delay}, [this] { rotate(); });
}

// Identifier, salt and addresses change in one instant. With unwanted-tracking protection the beacon's address stays
// for a day.
void Air::rotate() {
  if (ask_) moment_ = ask_();
  compute_identity();
  plan_rotation();
  rotate_addresses(unwanted_tracking_.address_rotates());
}

void Air::rotate_addresses(bool of_beacon) {
  const auto policy = [](bool rotates) { return rotates ? AddressPolicy::rotate : AddressPolicy::hold; };
  const bool of_fast_pair = !holds_fast_pair();
  if (of_fast_pair) salt_ = random_.bytes<sizeof(fastpair::Salt)>();
  if (of_beacon == of_fast_pair) {
    return apply({.slots = {{Slot::fmdn, beacon()}, {Slot::fast_pair, fast_pair()}}, .address = policy(of_beacon)});
  }
  apply({.slots = {{Slot::fmdn, beacon()}}, .address = policy(of_beacon)});
  apply({.slots = {{Slot::fast_pair, fast_pair()}}, .address = policy(of_fast_pair)});
}

void Air::compute_identity() {
  identity_.reset();
  if (eik_) identity_ = fmdn::identity_at(*eik_, clock_.now(), config_.beacon.curve);
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
  if (ended_) return;
  if (change.address == AddressPolicy::hold) {
    std::erase_if(change.slots, [this](const auto& slot) { return shows(slot); });
    if (change.slots.empty()) return;
  }
  for (const auto& [slot, advert] : change.slots) shown_.insert_or_assign(slot, advert);
  send(std::move(change));
}

void Air::send(bluez::Change change) {
  auto asked = change;
  advertising_.apply(std::move(change), [this, asked = std::move(asked)](const Result<void>& outcome) {
    applied(asked, outcome);
    if (changed_) changed_();
  });
}

void Air::applied(const bluez::Change& change, const Result<void>& outcome) {
  for (const auto& [slot, advert] : change.slots) problems_.erase(slot);
  if (outcome) return;
  if (changes_nothing(outcome.error().code)) return refused(change, outcome.error());
  warn(outcome.error());
  for (const auto& [slot, advert] : change.slots) problems_.insert_or_assign(slot, outcome.error());
}

// One advert that the controller cannot carry does not keep the other off the air; nor does what the slot had before,
// an identifier that is out of date, stay there. What somebody has asked for since then counts more.
void Air::refused(const bluez::Change& change, const Error& why) {
  auto latest = change;
  std::erase_if(latest.slots, [this](const auto& slot) { return !shows(slot); });
  if (change.slots.size() > 1) {
    for (const auto& slot : latest.slots) send({.slots = {slot}, .address = change.address});
    return;
  }
  warn(why);
  problems_.insert_or_assign(change.slots.begin()->first, why);
  for (const auto& [slot, advert] : latest.slots) {
    shown_.erase(slot);  // and so it is tried again with whatever is shown next
    if (!advert) continue;
    advertising_.apply({.slots = {{slot, std::nullopt}}, .address = AddressPolicy::hold}, [](const Result<void>&) {});
  }
}

bool Air::shows(const std::pair<const Slot, std::optional<bluez::Advert>>& slot) const {
  const auto now = shown_.find(slot.first);
  return now != shown_.end() && now->second == slot.second;
}

}  // namespace signet::fmdnd
