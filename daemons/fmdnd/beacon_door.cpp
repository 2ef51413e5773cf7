#include "fmdnd/beacon_door.h"

#include <spdlog/spdlog.h>

#include <memory>

#include "fastpair/uuids.h"

namespace signet::fmdnd {
namespace {

fmdn::Profile profile_of(const Config& config) {
  return {.calibrated_power = config.beacon.calibrated_power,
          .curve = config.beacon.curve,
          .ring_parts = static_cast<fmdn::RingParts>(config.sound.components),
          .ring_volumes = config.sound.volume,
          .locator_tag = config.device.locator_tag};
}

bluez::AttError to_att(fmdn::AttError error) { return static_cast<bluez::AttError>(error); }

}  // namespace

BeaconDoor::BeaconDoor(const Config& config, Clients& clients, Memory& memory, Ringer& ringer, const ClockKeeper& clock,
                       crypto::Random& random, Events events)
    : clients_{clients},
      memory_{memory},
      ringer_{ringer},
      clock_{clock},
      events_{std::move(events)},
      actions_{profile_of(config), std::nullopt, ringer.ring(), random} {
  clients_.listen([this](ClientId client, const std::string&) { gone(client); });
  ringer_.listen([this](fmdn::RingState state, const auto&) { tell_ringing(state); });
}

bluez::Characteristic BeaconDoor::characteristic() {
  return {.uuid = fastpair::kBeaconActionsUuid,
          .flags = {"read", "write", "notify"},
          .read = [this](const bluez::Request& request, const bluez::ReadAnswer& answer) { read(request, answer); },
          .write = [this](const bluez::Request& request, const Bytes& octets,
                          bluez::WriteAnswer answer) { write(request, octets, std::move(answer)); },
          .subscribed = {}};
}

void BeaconDoor::restore() {
  const auto& eik = memory_.record().eik;
  actions_.restore(eik ? std::optional{eik->clone()} : std::nullopt);
}

void BeaconDoor::read(const bluez::Request& request, const bluez::ReadAnswer& answer) {
  const auto client = clients_.admit(request);
  if (!client || !memory_.known()) return answer(bluez::AttError::unlikely);
  auto value = actions_.read(*client, request.offset);
  if (!value) return answer(bluez::AttError::invalid_offset);
  answer(*std::move(value));
}

void BeaconDoor::write(const bluez::Request& request, const Bytes& octets, bluez::WriteAnswer answer) {
  const auto client = clients_.admit(request);
  if (!client || !memory_.known()) return answer(bluez::AttError::unlikely);
  if (request.offset != 0) return answer(bluez::AttError::invalid_offset);
  const auto& keys = memory_.record().keys;
  const auto outcome =
      actions_.write(*client, octets,
                     {.account_keys = keys.keys(),
                      .owner = keys.owner(),
                      .eid = air_->identity() != nullptr ? BytesView{air_->identity()->eid} : BytesView{},
                      .clock = clock_.now(),
                      .consent = events_.consent(),
                      .now = steady_now()});
  if (!outcome) return store_pending(*client, std::move(answer));
  finish(*client, *outcome, std::move(answer));
}

// What a write changes counts once it is stored; a client that has gone meanwhile changes nothing of that.
void BeaconDoor::store_pending(ClientId client, bluez::WriteAnswer answer) {
  const fmdn::Change& change = *actions_.pending();
  auto eik = std::make_shared<std::optional<fmdn::Eik>>();
  const bool keeps_key = change.key && *change.key != fmdn::KeyChange::cleared;
  if (keeps_key) *eik = change.eik.clone();
  memory_.change(
      [this, owner = change.owner, changes_key = change.key.has_value(), eik, resets = change.factory_reset,
       generation = memory_.generation()](Record& record) -> Result<void> {
        if (generation != memory_.generation()) return fail(Errc::cancelled, "the device was reset meanwhile");
        if (owner) SIGNET_TRY(record.keys.set_owner(*owner));
        if (changes_key) record.eik = *eik ? std::optional{(*eik)->clone()} : std::nullopt;
        if (!resets) return {};
        record.keys.clear();
        record.name.clear();
        return {};
      },
      [this, client, answer = std::move(answer)](const Result<void>& stored) mutable {
        if (!stored) spdlog::error("the owner's request is not stored: {}", to_string(stored.error()));
        finish(client, stored ? actions_.commit() : actions_.abandon(), std::move(answer));
      });
}

void BeaconDoor::finish(ClientId client, const fmdn::Outcome& outcome, bluez::WriteAnswer answer) {
  if (outcome.refusal) {
    spdlog::debug("Beacon Actions: {}", fmdn::words(*outcome.refusal));
    return answer(to_att(fmdn::error_of(*outcome.refusal)));
  }
  const bool gone = clients_.device(client) == nullptr;
  if (outcome.account_key) memory_.note([at = *outcome.account_key](Record& record) { record.keys.touch(at); });
  if (actions_.authenticated(client)) clients_.authenticated(client);
  if (!gone && !outcome.notification.empty() && notifier_ != nullptr) {
    notifier_->notify(fastpair::kBeaconActionsUuid, outcome.notification);
  }
  if (outcome.key == fmdn::KeyChange::replaced && !gone) rekeys_when_gone_ = client;
  act_on(outcome);  // which notifies of ringing, before the answer
  answer({});
  if (outcome.key == fmdn::KeyChange::replaced && gone) events_.rekeyed();  // its link has ended while it was stored
}

void BeaconDoor::act_on(const fmdn::Outcome& outcome) {
  if (outcome.ring == fmdn::RingStep::silence) ringer_.ring().silence();
  if (outcome.ring != fmdn::RingStep::none) ringer_.follow();
  if (outcome.clock_synchronised) events_.synchronised();
  if (outcome.factory_reset) return events_.reset();
  if (outcome.key && outcome.key != fmdn::KeyChange::replaced) events_.rekeyed();
  if (outcome.mode_changed) events_.mode_changed();
}

void BeaconDoor::tell_ringing(fmdn::RingState state) {
  const auto notification = actions_.ring_notification(state, steady_now());
  if (!notification || notifier_ == nullptr || clients_.present() != notification->to) return;
  notifier_->notify(fastpair::kBeaconActionsUuid, notification->octets);
}

void BeaconDoor::gone(ClientId client) {
  actions_.disconnected(client);
  if (rekeys_when_gone_ != client) return;
  rekeys_when_gone_.reset();
  events_.rekeyed();
}

}  // namespace signet::fmdnd
