// A file of secrets: sealed with AES-256-GCM under a key that a pass phrase or a key file gives (docs/keyring.md).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "crypto/random.h"
#include "crypto/scrypt.h"

namespace signet::keyring {

inline constexpr std::size_t kSaltSize = 16;
using Salt = std::array<std::uint8_t, kSaltSize>;

enum class LockedBy : std::uint8_t { pass_phrase = 1, key_file = 2 };

// How the key is made; stands in front of what is sealed, and is sealed along.
struct Header {
  LockedBy locked_by = LockedBy::pass_phrase;
  crypto::ScryptCost cost;  // of a pass phrase; all zero for a key file
  Salt salt{};
  bool operator==(const Header&) const = default;
};

using FileKey = SecretBytes<32>;

// Errors: too_large: the memory for it is not to be had.
Result<FileKey> derive(const Header& header, BytesView secret);

// Takes any octets. Errors: damaged: no keyring, or cut off; unsupported_format: of a newer version, or a cost that
// would take more than 1 GiB.
Result<Header> read_header(BytesView file);

// `random` gives the nonce; the same key may seal as often as files are written.
Bytes seal(const Header& header, const FileKey& key, BytesView contents, crypto::Random& random);

// access_denied: the key is wrong, or the file was changed: nothing can tell one from the other.
Result<SecretBuffer> open(BytesView file, const FileKey& key);

}  // namespace signet::keyring
