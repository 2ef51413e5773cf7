// The key K of a Fast Pair session, and the block cipher that everything in it goes through.
#pragma once

#include <array>
#include <optional>

#include "crypto/aes.h"
#include "crypto/ecdsa.h"
#include "fastpair/account_keys.h"

namespace signet::fastpair {

inline constexpr std::size_t kBlockSize = 16;
using Block = crypto::AesBlock;

inline constexpr std::size_t kPublicKeySize = 64;
using PublicKey = crypto::P256Point;  // x || y without the 0x04 of an encoded point

// K out of the anti-spoofing key and the Seeker's key, either way round: the first 16 octets of the SHA-256 of the
// shared point's x coordinate. Nothing when `other` is not on the curve.
std::optional<AccountKey> agree(const crypto::P256PrivateKey& own, const PublicKey& other);

// K made ready. Move-only; the octets are kept because the Additional Data packet needs them, too.
class SessionKey {
 public:
  explicit SessionKey(AccountKey key) : key_{std::move(key)}, aes_{key_.view()} {}

  [[nodiscard]] Block encrypt(const Block& block) const { return aes_.encrypt(block); }
  [[nodiscard]] Block decrypt(const Block& block) const { return aes_.decrypt(block); }
  [[nodiscard]] const AccountKey& octets() const { return key_; }

 private:
  AccountKey key_;
  crypto::AesKey aes_;
};

}  // namespace signet::fastpair
