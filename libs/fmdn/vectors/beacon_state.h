// The state of an accessory as a case of known answers has it, and the accessory in that state. Internal to the runner
// of vectors.
#pragma once

#include <memory>

#include "fmdn/beacon_actions.h"
#include "fmdn/vectors/sections.h"

namespace signet::fmdn {

// Gives the octets of a case instead of random ones.
class GivenOctets final : public crypto::Random {
 public:
  void give(const Nonce& nonce) { nonce_ = nonce; }
  void fill(std::span<std::uint8_t> bytes) override;

 private:
  Nonce nonce_{};
};

// Stands for the daemon: keeps what an accessory has stored, carries out what it decides. Its changes never fail to be
// stored.
class BeaconOfCase {
 public:
  static Result<std::unique_ptr<BeaconOfCase>> restore(const JsonCursor& state);

  Bytes read(const Nonce& nonce);
  Outcome write(BytesView octets);
  // The notification that follows a ring request, when the sound maker does as it is told; empty: none.
  Bytes ring_notification(const Outcome& outcome);

  // Compares with what a case says that the state is, every member of it.
  Result<void> compare(const JsonCursor& expected, Differences& differences) const;
  // Compares with what a case says that changed; what it does not mention must be as before.
  Result<void> compare_changed(const JsonCursor& before, const JsonCursor& changed, Differences& differences) const;

 private:
  BeaconOfCase() = default;
  Result<void> restore_setup(const JsonCursor& state);
  Result<void> restore_mode(const JsonCursor& state);
  Result<void> restore_sound(const JsonCursor& state);
  Result<void> compare_member(const std::string& name, const JsonCursor& expected, Differences& differences) const;
  [[nodiscard]] std::optional<std::string> member(std::string_view name) const;  // as JSON
  void follow_key();

  GivenOctets random_;
  Ring ring_;
  Profile profile_;
  std::vector<SecretBytes<16>> account_keys_;
  std::optional<std::size_t> owner_;
  std::uint32_t clock_ = 0;
  bool consent_ = false;
  Bytes eid_;
  std::optional<BeaconActions> actions_;
};

}  // namespace signet::fmdn
