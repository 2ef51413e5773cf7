#include "fmdn/vectors/beacon_state.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"

namespace signet::fmdn {
namespace {

using vectors::boolean_of;
using vectors::number_of;

constexpr ConnectionId kConnection = 1;
constexpr Instant kNow{1'000'000};

Result<std::vector<SecretBytes<16>>> account_keys_in(const JsonCursor& state) {
  SIGNET_ASSIGN(const JsonCursor at, state.member("account_keys"));
  SIGNET_ASSIGN(const auto elements, at.elements());
  std::vector<SecretBytes<16>> keys;
  for (const JsonCursor& element : elements) {
    SecretBytes<16> key;
    SIGNET_TRY(element.octets_into(key.writable()));
    keys.push_back(std::move(key));
  }
  return keys;
}

Result<std::optional<std::size_t>> owner_in(const JsonCursor& state, std::size_t keys) {
  SIGNET_ASSIGN(const JsonCursor at, state.member("owner_index"));
  if (at.is_null()) return std::optional<std::size_t>{};
  SIGNET_ASSIGN(const auto index, at.number<std::size_t>());
  if (index >= keys) return at.malformed("is the index of no account key");
  return std::optional<std::size_t>{index};
}

Result<std::optional<Eik>> stored_eik_in(const JsonCursor& state) {
  SIGNET_ASSIGN(const JsonCursor at, state.member("eik"));
  if (at.is_null()) return std::optional<Eik>{};
  SIGNET_ASSIGN(Eik eik, eik_in(state));
  return std::optional<Eik>{std::move(eik)};
}

// As configured. That the device is a locator tag makes no difference but to what follows the end of its key.
Result<Profile> profile_in(const JsonCursor& state) {
  Profile profile{.locator_tag = true};
  SIGNET_ASSIGN(profile.curve, curve_in(state));
  SIGNET_ASSIGN(const JsonCursor power, state.member("tx_power"));
  SIGNET_ASSIGN(profile.calibrated_power, power.signed_octet());
  SIGNET_ASSIGN(const JsonCursor parts, state.member("ring_components"));
  SIGNET_ASSIGN(const auto count, parts.number<std::uint8_t>());
  if (count > static_cast<std::uint8_t>(RingParts::left_right_and_case)) return parts.malformed("is more than 3");
  profile.ring_parts = static_cast<RingParts>(count);
  SIGNET_ASSIGN(profile.ring_volumes, boolean_of(state, "ring_volume"));
  return profile;
}

std::string quoted(BytesView octets) { return '"' + to_hex(octets) + '"'; }
std::string text(bool value) { return value ? "true" : "false"; }

std::string text(std::span<const SecretBytes<16>> keys) {
  std::string list;
  for (const auto& key : keys) list += (list.empty() ? "" : ",") + quoted(key.view());
  return "[" + list + "]";
}

}  // namespace

void GivenOctets::fill(std::span<std::uint8_t> bytes) {
  std::ranges::fill(bytes, std::uint8_t{0});
  std::copy_n(nonce_.begin(), std::min(nonce_.size(), bytes.size()), bytes.begin());
}

Result<std::unique_ptr<BeaconOfCase>> BeaconOfCase::restore(const JsonCursor& state) {
  std::unique_ptr<BeaconOfCase> beacon{new BeaconOfCase};
  SIGNET_TRY(beacon->restore_setup(state));
  SIGNET_TRY(beacon->restore_mode(state));
  SIGNET_TRY(beacon->restore_sound(state));
  return beacon;
}

Result<void> BeaconOfCase::restore_setup(const JsonCursor& state) {
  SIGNET_ASSIGN(profile_, profile_in(state));
  SIGNET_ASSIGN(account_keys_, account_keys_in(state));
  SIGNET_ASSIGN(owner_, owner_in(state, account_keys_.size()));
  SIGNET_ASSIGN(clock_, number_of<std::uint32_t>(state, "clock"));
  SIGNET_ASSIGN(consent_, boolean_of(state, "consent"));
  SIGNET_ASSIGN(auto eik, stored_eik_in(state));
  actions_.emplace(profile_, std::move(eik), ring_, random_);
  follow_key();
  return {};
}

Result<void> BeaconOfCase::restore_mode(const JsonCursor& state) {
  SIGNET_ASSIGN(const bool active, boolean_of(state, "utp"));
  SIGNET_ASSIGN(const auto flags, number_of<std::uint8_t>(state, "control_flags"));
  if (active) actions_->unwanted_tracking().activate(flags);
  return {};
}

Result<void> BeaconOfCase::restore_sound(const JsonCursor& state) {
  SIGNET_ASSIGN(const auto ringing, number_of<std::uint8_t>(state, "ringing"));
  SIGNET_ASSIGN(const auto left, number_of<std::uint16_t>(state, "ring_left_ds"));
  if (ringing != 0)
    ring_.start({.source = SoundSource::fmdn, .components = ringing, .until = kNow + Deciseconds{left}});
  return {};
}

Bytes BeaconOfCase::read(const Nonce& nonce) {
  random_.give(nonce);
  return actions_->read(kConnection).value_or(Bytes{});
}

Outcome BeaconOfCase::write(BytesView octets) {
  const auto outcome = actions_->write(
      kConnection, octets,
      {.account_keys = account_keys_, .owner = owner_, .eid = eid_, .clock = clock_, .consent = consent_, .now = kNow});
  if (outcome) return *outcome;
  if (const auto owner = actions_->pending()->owner) owner_ = owner;
  Outcome committed = actions_->commit();
  follow_key();
  return committed;
}

Bytes BeaconOfCase::ring_notification(const Outcome& outcome) {
  if (outcome.ring != RingStep::requested) return {};
  const auto notification = actions_->ring_notification(ring_.settle(ring_.ringing(kNow)), kNow);
  return notification ? notification->octets : Bytes{};
}

Result<void> BeaconOfCase::compare(const JsonCursor& expected, Differences& differences) const {
  SIGNET_ASSIGN(const auto names, expected.names());
  for (const std::string& name : names) {
    SIGNET_ASSIGN(const JsonCursor at, expected.member(name));
    SIGNET_TRY(compare_member(name, at, differences));
  }
  return {};
}

Result<void> BeaconOfCase::compare_changed(const JsonCursor& before, const JsonCursor& changed,
                                           Differences& differences) const {
  SIGNET_ASSIGN(const auto names, before.names());
  for (const std::string& name : names) {
    SIGNET_ASSIGN(const auto after, changed.find(name));
    SIGNET_ASSIGN(const JsonCursor at, before.member(name));
    SIGNET_TRY(compare_member(name, after ? *after : at, differences));
  }
  return {};
}

Result<void> BeaconOfCase::compare_member(const std::string& name, const JsonCursor& expected,
                                          Differences& differences) const {
  const auto actual = member(name);
  if (!actual) return expected.malformed("is no part of a beacon's state");
  differences.compare(name, expected.serialised(), *actual);
  return {};
}

std::optional<std::string> BeaconOfCase::member(std::string_view name) const {
  if (name == "account_keys") return text(std::span<const SecretBytes<16>>{account_keys_});
  if (name == "eik") return actions_->eik() != nullptr ? quoted(actions_->eik()->view()) : "null";
  if (name == "owner_index") return owner_ ? std::to_string(*owner_) : "null";
  if (name == "curve") return profile_.curve == Curve::secp160r1 ? R"("secp160r1")" : R"("secp256r1")";
  if (name == "clock") return std::to_string(clock_);
  if (name == "tx_power") return std::to_string(profile_.calibrated_power);
  if (name == "ring_components") return std::to_string(static_cast<unsigned>(profile_.ring_parts));
  if (name == "ring_volume") return text(profile_.ring_volumes);
  if (name == "consent") return text(consent_);
  if (name == "utp") return text(actions_->unwanted_tracking().active());
  if (name == "control_flags") return std::to_string(actions_->unwanted_tracking().control_flags());
  if (name == "ringing") return std::to_string(ring_.ringing(kNow));
  if (name == "ring_left_ds") return std::to_string(ring_.left(kNow).count());
  return std::nullopt;
}

// The answers of a beacon give the identifier of the key that it has now.
void BeaconOfCase::follow_key() {
  eid_.clear();
  if (actions_->eik() == nullptr) return;
  if (auto identity = identity_at(*actions_->eik(), clock_, profile_.curve)) eid_ = std::move(identity->eid);
}

}  // namespace signet::fmdn
