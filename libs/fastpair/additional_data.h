// The Additional Data packet: HMAC-SHA256(K, nonce || E)[:8] || nonce || E, with E the data under AES-CTR (Fast Pair
// specification, "Additional Data").
#pragma once

#include <array>
#include <span>

#include "base/result.h"
#include "fastpair/session_key.h"

namespace signet::fastpair {

inline constexpr std::size_t kDataNonceSize = 8;
inline constexpr std::size_t kDataHeaderSize = 16;  // MAC and nonce
inline constexpr std::size_t kMostData = 64;        // of the personalised name, the only data there is
using DataNonce = std::array<std::uint8_t, kDataNonceSize>;

// AES-CTR as Fast Pair has it: the counter is the FIRST octet of the block, the nonce the last eight. At most 256
// blocks. invalid_argument: more data than that.
Result<Bytes> apply_ctr(const SessionKey& key, const DataNonce& nonce, BytesView data);

// A nonce must not be used twice with one key. too_large: more than 64 octets.
Result<Bytes> seal_data(const SessionKey& key, const DataNonce& nonce, BytesView data);

// Errors: invalid_argument: shorter than the header, or more than 64 octets of data; bad_signature.
Result<Bytes> open_data(const SessionKey& key, BytesView packet);

// Whether `name` may be a personalised name: up to 64 octets of well-formed UTF-8 without control characters.
bool valid_name(BytesView name);

}  // namespace signet::fastpair
