// AES-256-EAX (Bellare, Rogaway, Wagner: "The EAX Mode of Operation") with nonces of any length and 128-bit tags, made
// of OpenSSL's CMAC and counter mode: OpenSSL has no EAX.
#pragma once

#include <array>
#include <optional>

#include "base/bytes.h"

namespace signet::crypto {

inline constexpr std::size_t kEaxTagSize = 16;
using EaxTag = std::array<std::uint8_t, kEaxTagSize>;

struct EaxSealed {
  Bytes text;  // as long as what was sealed
  EaxTag tag;
};

// `key`: 16 or 32 octets. A nonce must never be used twice with one key.
EaxSealed eax_seal(BytesView key, BytesView nonce, BytesView header, BytesView text);

// Nothing when the tag does not fit; it is compared in constant time, before anything is decrypted.
std::optional<Bytes> eax_open(BytesView key, BytesView nonce, BytesView header, BytesView text, BytesView tag);

}  // namespace signet::crypto
