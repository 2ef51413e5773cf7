#include "fmdnd/accessory.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "fastpair/uuids.h"
#include "fmdnd/battery.h"
#include "fmdnd/resolving_key.h"
#include "service/log.h"

namespace signet::fmdnd {
namespace {

// A locator tag that is paired, and has no owner's key after that, is reset.
constexpr std::chrono::minutes kForProvisioning{5};
constexpr std::chrono::seconds kTryAgain{2};
constexpr const char* kPowerSupplies = "/sys/class/power_supply";

fastpair::KeepKeys keep(const Config& config) {
  return config.device.locator_tag ? fastpair::KeepKeys::only_one : fastpair::KeepKeys::recently_used;
}

}  // namespace

const char* name(State state) {
  switch (state) {
    case State::starting: return "starting";
    case State::factory: return "factory";
    case State::paired: return "paired";
    case State::provisioned: return "provisioned";
    case State::paused: return "paused";
  }
  return "";
}

Accessory::Accessory(const Surroundings& around)
    : around_{around},
      memory_{around.vault, keep(around.config), [&clock = around.clock] { return clock.now(); }},
      clients_{around.connections, [this](const std::string& device) { return is_for_the_tag(device); }},
      ringer_{around.loop, around.sound},
      beacon_{around.config, clients_, memory_, ringer_, around.clock, around.random, beacon_events()},
      fast_pair_{around.loop, around.config, around.anti_spoofing, clients_,
                 memory_,     around.random, fast_pair_events()},
      stranger_{around.loop, around.config, clients_, ringer_, memory_},
      stream_{around.config, memory_, around.clock, ringer_, around.random},
      air_{around.alarm, around.advertising,          around.config, around.clock,
           memory_,      beacon_.unwanted_tracking(), around.random},
      load_timer_{around.loop},
      pairing_timer_{around.loop},
      consent_timer_{around.loop},
      identify_timer_{around.loop},
      unprovisioned_timer_{around.loop} {
  beacon_.know_air(air_);
  stranger_.know_air(air_);
  ringer_.listen([this](fmdn::RingState, const auto&) { tell(); });
  const auto radio_changed = [this] {
    learn_addresses();
    tell();
  };
  air_.listen(radio_changed);
  air_.before_rotation([this] { return before_rotation(); });
  around_.advertising.listen([this, radio_changed] {
    air_.look_again();
    radio_changed();
  });
}

Accessory::~Accessory() {
  if (!memory_.known()) return;
  if (const auto kept = around_.clock.finish(); !kept) spdlog::error("{}", to_string(kept.error()));
}

// Who connects to a tag's controller comes for the tag, and could listen to the answers to others without asking for
// anything: unless the host knows it otherwise. What connects to an ordinary device may come for its music.
bool Accessory::is_for_the_tag(const std::string& device) const {
  if (!around_.config.device.locator_tag || around_.connections.bonded(device)) return false;
  return bluez::is_of(device, around_.advertising.controller());
}

BeaconDoor::Events Accessory::beacon_events() {
  return {.consent = [this] { return fast_pair_.pairing_mode() || Steady::now() < consent_until_; },
          .synchronised =
              [this] {
                if (std::exchange(moment_.synchronised, true)) return;
                show();
              },
          .rekeyed =
              [this] {
                if (!memory_.record().eik) stranger_.unprovisioned();
                stranger_.set_separated(beacon_.unwanted_tracking().active());
                moment_.synchronised = moment_.synchronised || memory_.record().eik.has_value();
                air_.rekey(moment_);
                keep_clock();
                watch_unprovisioned();
                tell();
              },
          .mode_changed =
              [this] {
                stranger_.set_separated(beacon_.unwanted_tracking().active());
                show(true);
              },
          .reset = [this] { forgotten(); }};
}

FastPairDoor::Events Accessory::fast_pair_events() {
  return {.asked = [this] { learn_addresses(); },
          .keys_changed =
              [this] {
                moment_.after_reset = false;
                if (around_.config.device.locator_tag) stop_pairing();
                watch_unprovisioned();
                show();
              },
          .device_action =
              [this](std::uint8_t group, std::uint8_t code, const Bytes& data) {
                static_cast<void>(stream_.act({.group = group, .code = code, .data = data}));
              }};
}

std::vector<bluez::Service> Accessory::services() {
  bluez::Service fast_pair{.uuid = fastpair::kServiceUuid128, .characteristics = fast_pair_.characteristics()};
  fast_pair.characteristics.push_back(beacon_.characteristic());
  return {std::move(fast_pair), stranger_.service()};
}

void Accessory::answer_through(bluez::Notifier& notifier) {
  beacon_.answer_through(notifier);
  fast_pair_.answer_through(notifier);
  stranger_.answer_through(notifier);
}

void Accessory::begin() {
  learn_addresses();
  load();
}

void Accessory::end(std::function<void()> done) { air_.end(std::move(done)); }

// By which Seekers know us. With privacy nobody tells the controller's address of the moment; the key by which it is
// made shows which ones are ours. It may come after the controller, and after pairing mode was opened, so this is
// looked at again whenever there is a reason.
void Accessory::learn_addresses() {
  const auto controller = around_.advertising.controller();
  const auto& identity = controller.identity;
  const auto current = around_.advertising.address(bluez::Slot::fast_pair);
  fast_pair_.set_addresses(
      {.current = current.value_or(identity), .identity = identity, .resolving_key = resolving_key(identity)});
  stream_.set_address(current.value_or(identity));
  if (controller.classic && !around_.config.device.locator_tag) fast_pair_.set_public_address(identity);
}

std::optional<fastpair::IdentityResolvingKey> Accessory::resolving_key(const bluez::DeviceAddress& adapter) {
  auto key = load_resolving_key(around_.config.radio.resolving_keys, adapter);
  if (key) {
    key_problem_.reset();
    return *std::move(key);
  }
  const bool news = !key_problem_ || key_problem_->context != key.error().context;
  key_problem_ = std::move(key).error();
  const bool none = key_problem_->code == Errc::not_found;  // as on every device without privacy
  if (news && !none) service::log_error(*key_problem_, "pairing requests to a private address are not answered");
  return std::nullopt;
}

void Accessory::load() {
  memory_.load([this](Result<void> outcome) {
    if (outcome) return loaded();
    const bool news = !memory_problem_ || memory_problem_->code != outcome.error().code;
    if (news) service::log_error(outcome.error(), "what is stored cannot be read; trying again");
    memory_problem_ = std::move(outcome).error();
    load_timer_.expires_after(kTryAgain);
    load_timer_.async_wait([this](const boost::system::error_code& cancelled) {
      if (!cancelled && !memory_.known()) load();
    });
    if (news) tell();
  });
}

void Accessory::loaded() {
  memory_problem_.reset();
  if (!around_.clock.restore(memory_.record().clock)) spdlog::info("the clock goes on from the stored record");
  const bool abandoned = around_.config.device.locator_tag && memory_.record().waits_for_key();
  if (abandoned) {
    spdlog::info("paired, but never given an owner's key: back to the state of the factory");
    return reset_if_abandoned();
  }
  beacon_.restore();
  fast_pair_.restore();
  look_at_battery();
  keep_clock();
  air_.rekey(moment_);
  show();
}

void Accessory::show(bool rotate) {
  air_.show(moment_, rotate);
  tell();
}

Result<void> Accessory::start_pairing(std::chrono::seconds time) {
  if (!memory_.known()) return fail(Errc::busy, "pairing mode: what is stored has not been read yet");
  if (around_.config.device.locator_tag && memory_.record().eik) {
    return fail(Errc::unsupported, "pairing mode: this locator tag has an owner; reset it first");
  }
  learn_addresses();
  set_pairing_mode(true);
  moment_.after_reset = false;
  close_pairing_in(time);
  show();
  return {};
}

void Accessory::stop_pairing() {
  set_pairing_mode(false);
  pairing_timer_.cancel();
  show();
}

void Accessory::set_pairing_mode(bool on) {
  fast_pair_.set_pairing_mode(on);
  moment_.pairing_mode = on;
}

void Accessory::close_pairing_in(std::chrono::seconds time) {
  pairing_timer_.expires_after(time);
  pairing_timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) stop_pairing();
  });
}

void Accessory::give_consent(std::chrono::seconds time) {
  consent_until_ = Steady::now() + time;
  tell_after(consent_timer_, time);
  tell();
}

Result<void> Accessory::start_identifying() {
  if (!memory_.record().eik) return fail(Errc::not_found, "identify: this device has no owner");
  SIGNET_TRY(stranger_.open_identifier_window());
  tell_after(identify_timer_, dult::kIdentifierWindow);
  tell();
  return {};
}

Result<std::string> Accessory::nfc_url() {
  auto url = stranger_.nfc_url();
  if (!url) return fail(Errc::not_found, "nfc: this device has no owner");
  return *std::move(url);
}

Result<void> Accessory::ring(std::chrono::seconds time) {
  const auto all = fmdn::all_of(static_cast<fmdn::RingParts>(around_.config.sound.components));
  if (all == 0) return fail(Errc::unsupported, "ring: this device has nothing to ring with");
  const bool granted = ringer_.ring().start(
      {.source = fmdn::SoundSource::local, .components = all, .until = steady_now() + std::chrono::milliseconds{time}});
  if (!granted) return fail(Errc::busy, "ring: somebody else makes it ring");
  ringer_.follow();
  if (ringer_.ringing() == 0) return fail(Errc::io, "ring: no sound is made; see the journal");
  return {};
}

void Accessory::stop_ringing() { ringer_.press_button(); }

void Accessory::pause(bool paused) {
  moment_.paused = paused;
  show();
}

void Accessory::factory_reset(Memory::Done done) {
  memory_.forget([this, done = std::move(done)](Result<void> stored) {
    if (stored) {
      clients_.dismiss();
      forgotten();
    }
    done(std::move(stored));
  });
}

void Accessory::press_button() {
  if (ringer_.press_button()) return;
  give_consent(around_.config.beacon.consent);
  if (memory_.record().eik) static_cast<void>(start_identifying());
}

// The record is empty; now the rest. Who is connected may be its former owner, and may still wait for the answer to the
// request that made it so.
void Accessory::forgotten() {
  memory_problem_.reset();
  clients_.distrust();
  ringer_.ring().silence();
  ringer_.follow();
  beacon_.restore();
  fast_pair_.restore();
  stranger_.unprovisioned();
  stranger_.set_separated(false);
  consent_until_ = {};
  moment_.after_reset = true;
  moment_.synchronised = false;
  unprovisioned_timer_.cancel();
  if (const auto removed = around_.clock.forget(); !removed) spdlog::warn("{}", to_string(removed.error()));
  set_pairing_mode(false);
  pairing_timer_.cancel();
  air_.rekey(moment_);
  tell();
}

// A locator tag that was paired and got no owner's key; until it can be stored.
void Accessory::reset_if_abandoned() {
  const auto owned = [](const Record& record) { return record.eik.has_value(); };
  memory_.forget(
      [this](const Result<void>& stored) {
        if (stored) return forgotten();
        if (stored.error().code == Errc::cancelled) return;
        service::log_error(stored.error(), "a tag without an owner cannot be reset; trying again");
        unprovisioned_timer_.expires_after(kTryAgain);
        unprovisioned_timer_.async_wait([this](const boost::system::error_code& cancelled) {
          if (!cancelled) reset_if_abandoned();
        });
      },
      owned);
}

void Accessory::keep_clock() {
  clock_problem_.reset();
  if (auto kept = around_.clock.checkpoint(); !kept) {
    service::log_error(kept.error(), "the clock cannot be written down");
    clock_problem_ = std::move(kept).error();
  }
}

void Accessory::watch_unprovisioned() {
  const bool waits = around_.config.device.locator_tag && memory_.record().waits_for_key();
  if (!waits) return static_cast<void>(unprovisioned_timer_.cancel());
  unprovisioned_timer_.expires_after(kForProvisioning);
  unprovisioned_timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) reset_if_abandoned();
  });
}

// All that is due now and then, so that nothing else wakes an idle device. The clock is written down before an
// identifier of it is on the air: what was seen is never seen again after a loss of power.
Moment Accessory::before_rotation() {
  if (memory_.record().eik) keep_clock();
  look_at_battery();
  if (awake_) awake_();
  return moment_;
}

void Accessory::look_at_battery() {
  if (around_.config.battery.supply.empty()) return;
  moment_.battery_percent = battery_percent(kPowerSupplies, around_.config.battery.supply);
  stream_.set_battery(moment_.battery_percent);
}

State Accessory::state() const {
  if (!memory_.known()) return State::starting;
  const auto& record = memory_.record();
  if (record.eik) return moment_.paused ? State::paused : State::provisioned;
  return record.keys.empty() ? State::factory : State::paired;
}

std::optional<Error> Accessory::problem() const {
  if (memory_problem_) return memory_problem_;
  if (memory_.record().eik && !moment_.paused) {
    const auto controller = around_.advertising.controller();
    if (controller.name.empty()) {
      return Error{Errc::no_service, "there is no Bluetooth controller; plug one in, or load its driver"};
    }
    if (!controller.powered) {
      return Error{Errc::no_service,
                   "the Bluetooth controller " + controller.name + " is off; 'bluetoothctl power on' turns it on"};
    }
    // What could not be shown without a controller is shown by itself once there is one.
    const auto* problem = air_.problem();
    if (problem != nullptr && problem->code != Errc::no_service) return *problem;
  }
  return clock_problem_;
}

std::vector<std::string> Accessory::limitations() const {
  std::vector<std::string> names;
  for (const auto limitation : around_.advertising.limitations()) names.emplace_back(bluez::name(limitation));
  return names;
}

std::vector<std::string> Accessory::windows() const {
  std::vector<std::string> open;
  if (fast_pair_.pairing_mode()) open.emplace_back("pairing");
  if (Steady::now() < consent_until_) open.emplace_back("consent");
  if (stranger_.identifier_window_open()) open.emplace_back("identify");
  return open;
}

// A window closes by itself; whoever listens has to hear of it.
void Accessory::tell_after(boost::asio::steady_timer& timer, std::chrono::milliseconds time) {
  timer.expires_after(time + std::chrono::milliseconds{1});
  timer.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) tell();
  });
}

void Accessory::tell() const {
  if (changed_) changed_();
}

}  // namespace signet::fmdnd
