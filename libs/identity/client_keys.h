// Named keys of clients: generated here, used here, never exported. One namespace cannot reach another's.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/random.h"
#include "rpmb/store/store.h"

namespace signet::identity {

enum class Algorithm : std::uint8_t { ecdsa_p256 = 1, hmac_sha256 = 2 };
std::string_view name(Algorithm algorithm);  // "ecdsa-p256"
Result<Algorithm> algorithm_from_name(std::string_view name);  // invalid_argument

inline constexpr std::size_t kMaxSignedData = 1024 * 1024;

struct KeyInfo {
  std::string name;
  Algorithm algorithm;
};

// Keeps decoded keys in memory (at most 64, least recently used go first), so that a signature needs no read from the chip.
class ClientKeys {
 public:
  ClientKeys(rpmb::Store& store, crypto::Random& random);
  ~ClientKeys();

  // Errors: already_exists and those of Store::apply.
  Result<void> generate(const std::string& space, const std::string& name, Algorithm algorithm);
  Result<void> remove(const std::string& space, const std::string& name);  // not_found and those of Store::apply
  // Errors: not_found, too_large; damaged; those of Store::get when the key is not loaded.
  Result<Bytes> sign(const std::string& space, const std::string& name, BytesView data);
  Result<bool> verify(const std::string& space, const std::string& name, BytesView data, BytesView signature);
  Result<Bytes> public_key(const std::string& space, const std::string& name);  // unsupported for HMAC
  Result<std::vector<KeyInfo>> list(const std::string& space);

  // True when sign() and verify() need no read from the chip.
  [[nodiscard]] bool loaded(std::string_view space, std::string_view name) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace signet::identity
