// Named keys of clients: generated here, used here, never exported. One namespace cannot reach another's.
//
// A key is an object of kind `key` in the store. Its value is 33 octets for either algorithm, so that it fits one slot
// on every chip: the algorithm's number (1 octet), then the private scalar, big-endian, or the HMAC key (32 octets).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/random.h"
#include "rpmb/store/store.h"

namespace signet::identity {

enum class Algorithm : std::uint8_t { ecdsa_p256 = 1, hmac_sha256 = 2 };  // the numbers are on the chip
std::string_view name(Algorithm algorithm);                               // "ecdsa-p256"
Result<Algorithm> algorithm_from_name(std::string_view name);             // invalid_argument

inline constexpr std::size_t kMaxSignedData = 1024 * 1024;
inline constexpr std::size_t kLoadedKeys = 64;

struct KeyInfo {
  std::string name;
  Algorithm algorithm;
};

// Keeps at most kLoadedKeys decoded keys in memory (least recently used go first; wiped), so that a signature needs no
// read from the chip. Not thread-safe, like the store it uses.
class ClientKeys {
 public:
  ClientKeys(rpmb::Store& store, crypto::Random& random);
  ~ClientKeys();

  // Errors: already_exists and those of Store::apply.
  Result<void> generate(const std::string& space, const std::string& name, Algorithm algorithm);
  Result<void> remove(const std::string& space, const std::string& name);  // not_found and those of Store::apply
  // Errors: not_found; too_large (kMaxSignedData); damaged; those of Store::get when the key is not loaded.
  Result<Bytes> sign(const std::string& space, const std::string& name, BytesView data);
  // A signature of any other length than the algorithm's is not valid, no more.
  Result<bool> verify(const std::string& space, const std::string& name, BytesView data, BytesView signature);
  Result<Bytes> public_key(const std::string& space, const std::string& name);  // unsupported for HMAC
  Result<std::vector<KeyInfo>> list(const std::string& space);                  // sorted by name

  // True when sign() and verify() need no read from the chip.
  [[nodiscard]] bool loaded(std::string_view space, std::string_view name) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace signet::identity
