// The keys of a beacon, all derived from its ephemeral identity key (FMDN specification, "Keys").
#pragma once

#include <array>

#include "base/bytes.h"
#include "base/secret_bytes.h"
#include "crypto/aes.h"

namespace signet::fmdn {

inline constexpr std::size_t kEikSize = 32;
using Eik = SecretBytes<kEikSize>;                // ephemeral identity key; whoever has it can find the device
using AccountKey = std::array<std::uint8_t, 16>;  // of Fast Pair
using ShortKey = SecretBytes<8>;                  // an HMAC key of exactly 8 octets
using Nonce = std::array<std::uint8_t, 8>;
using Hash = std::array<std::uint8_t, 8>;

ShortKey recovery_key(const Eik& eik);
ShortKey ring_key(const Eik& eik);
ShortKey unwanted_tracking_key(const Eik& eik);

// Shows that one knows the key: the first octets of SHA-256 of key and nonce.
Hash eik_hash(const Eik& eik, const Nonce& nonce);

// The key as it travels: two blocks of AES-128 under an account key, each for itself.
std::array<std::uint8_t, kEikSize> wrap(const Eik& eik, std::span<const std::uint8_t, 16> account_key);
Eik unwrap(std::span<const std::uint8_t, kEikSize> wrapped, std::span<const std::uint8_t, 16> account_key);

}  // namespace signet::fmdn
