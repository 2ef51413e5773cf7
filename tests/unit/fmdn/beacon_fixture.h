// An accessory on which nothing but Beacon Actions runs, with a store that outlives it, and clients that ask it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "fmdn/beacon_actions.h"
#include "fmdn/owner/answers.h"

namespace signet::fmdn::testing {

// A refused write: nothing else has come of it.
MATCHER_P(IsRefused, refusal, "") {
  return arg.refusal == refusal && arg.notification.empty() && !arg.account_key && !arg.clock_synchronised &&
         !arg.key && !arg.mode_changed && arg.ring == RingStep::none && !arg.factory_reset;
}
MATCHER(Succeeded, "") { return !arg.refusal; }

template <std::size_t Size>
SecretBytes<Size> secret(std::uint8_t fill) {
  SecretBytes<Size> key;
  std::ranges::fill(key.writable(), fill);
  return key;
}

class CountingRandom final : public crypto::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, ++count_); }

 private:
  std::uint8_t count_ = 0;
};

class BeaconTest : public ::testing::Test {
 protected:
  static constexpr ConnectionId kPhone = 7;
  static constexpr ConnectionId kOther = 8;
  static constexpr std::size_t kOwner = 1;  // of the account keys
  static constexpr std::size_t kGuest = 0;

  // What a power cut leaves.
  struct Stored {
    std::optional<Eik> eik;
    std::optional<std::size_t> owner = kOwner;
    bool factory_reset_due = false;
  };

  BeaconTest() {
    for (const std::uint8_t fill : std::initializer_list<std::uint8_t>{0x41, 0x42, 0x43})
      account_keys_.push_back(secret<16>(fill));
    start();
  }

  // Power comes back: what was stored is all there is.
  void start() {
    ring_ = Ring{};
    actions_.emplace(profile_, stored_.eik ? std::optional<Eik>{stored_.eik->clone()} : std::nullopt, ring_, random_);
  }
  void start_provisioned() {
    stored_.eik = secret<kEikSize>(0x55);
    start();
  }

  [[nodiscard]] Circumstances circumstances() const {
    return {.account_keys = account_keys_,
            .owner = stored_.owner,
            .eid = eid_,
            .clock = 50'000,
            .consent = consent_,
            .now = now_};
  }
  [[nodiscard]] owner::AccountKeyView key(std::size_t index) const { return account_keys_[index].view(); }
  [[nodiscard]] owner::AccountKeyView owner_key() const { return key(kOwner); }
  [[nodiscard]] const Eik& eik() const { return *stored_.eik; }

  Nonce nonce(ConnectionId connection = kPhone) {
    return owner::parse_nonce(actions_->read(connection).value()).value();
  }

  // Stores what is pending, all of it or nothing.
  void persist() {
    const Change& change = *actions_->pending();
    if (change.owner) stored_.owner = change.owner;
    if (change.key == KeyChange::cleared) stored_.eik.reset();
    if (change.key && change.key != KeyChange::cleared) stored_.eik = change.eik.clone();
    stored_.factory_reset_due = change.factory_reset;
  }

  // A write, with a store that works.
  Outcome write(BytesView octets, ConnectionId connection = kPhone) {
    auto outcome = actions_->write(connection, octets, circumstances());
    if (outcome) return *std::move(outcome);
    persist();
    return actions_->commit();
  }
  Outcome send(const owner::Exchange& exchange, ConnectionId connection = kPhone) {
    return write(exchange.request(), connection);
  }

  // Rings as asked; the sound maker works.
  std::optional<Notification> ring(std::uint8_t operation, unsigned deciseconds, ConnectionId connection = kPhone) {
    last_ring_ = owner::ring(nonce(connection), ring_key(eik()), request(operation, deciseconds));
    EXPECT_EQ(send(*last_ring_, connection).ring, RingStep::requested);
    return settle(ring_.sound() ? ring_.sound()->components : Components{0});
  }
  std::optional<Notification> settle(Components ringing) {
    return actions_->ring_notification(ring_.settle(ringing), now_);
  }
  [[nodiscard]] RingNotice opened(const std::optional<Notification>& notification) const {
    return owner::decode_ring_notice(last_ring_->open(notification.value().octets).value()).value();
  }
  static RingRequest request(std::uint8_t operation, unsigned deciseconds = 120, std::uint8_t volume = 0) {
    return {.operation = operation, .timeout = Deciseconds{static_cast<std::uint16_t>(deciseconds)}, .volume = volume};
  }

  Profile profile_{.calibrated_power = -20, .ring_parts = RingParts::left_right_and_case, .ring_volumes = true};
  std::vector<SecretBytes<16>> account_keys_;
  Stored stored_;
  Bytes eid_ = Bytes(20, 0xee);
  bool consent_ = false;
  Instant now_{1'000'000};
  CountingRandom random_;
  Ring ring_;
  std::optional<BeaconActions> actions_;
  std::optional<owner::Exchange> last_ring_;
};

}  // namespace signet::fmdn::testing
