// The Seeker's side of Fast Pair: makes what is written to a Provider and reads what it answers.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "crypto/random.h"
#include "fastpair/additional_data.h"
#include "fastpair/pairing_packets.h"

namespace signet::fastpair {

// One session with one Provider. `random` must outlive it. Not thread-safe.
class Seeker {
 public:
  // With a Provider in pairing mode, whose anti-spoofing key is known. invalid_argument: that key is not on the curve.
  static Result<Seeker> meet(const PublicKey& anti_spoofing, crypto::Random& random);
  // The same with a given key pair instead of a new one.
  static Result<Seeker> meet(const PublicKey& anti_spoofing, const crypto::P256PrivateKey& own, crypto::Random& random);
  // With a Provider that has `key`.
  static Seeker recall(const AccountKey& key, crypto::Random& random);

  // For the Key-based Pairing characteristic: 80 octets after meet(), 16 after recall(). Each has a salt of its own.
  [[nodiscard]] Bytes pairing_request(const PairingRequest& request);
  [[nodiscard]] Result<Bytes> action_request(const ActionRequest& request);

  // What that characteristic notifies. invalid_argument: not 16 octets, or nothing that this Provider would say.
  [[nodiscard]] Result<PairingResponse> read_response(BytesView notification) const;

  // For the Passkey characteristic, and what it notifies. Errors: as read_response().
  [[nodiscard]] Bytes passkey(std::uint32_t shown);
  [[nodiscard]] Result<std::uint32_t> read_passkey(BytesView notification) const;

  // A new account key, and the write that gives `key` to the Provider.
  [[nodiscard]] AccountKey new_account_key();
  [[nodiscard]] Bytes give(const AccountKey& key) const;

  // The personalised name, for the Additional Data characteristic and from there. Errors: too_large: more than 64
  // octets; invalid_argument: not a name; bad_signature.
  [[nodiscard]] Result<Bytes> give_name(std::string_view name);
  [[nodiscard]] Result<std::string> read_name(BytesView notification) const;

 private:
  Seeker(SessionKey key, std::optional<PublicKey> own, crypto::Random& random)
      : key_{std::move(key)}, own_{own}, random_{&random} {}
  [[nodiscard]] Bytes request(const Block& raw) const;

  SessionKey key_;
  std::optional<PublicKey> own_;
  crypto::Random* random_;
};

}  // namespace signet::fastpair
