// Encryption of what the store must not be able to tell.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "crypto/random.h"

namespace signet::activation {

using MasterKey = SecretBytes<32>;

// 32 raw octets, or 64 hexadecimal digits and an optional newline. Error: config_invalid.
Result<MasterKey> parse_master_key(BytesView text);

// AES-256-GCM under the master key, random nonces. Thread-safe.
class Seal {
 public:
  explicit Seal(const MasterKey& key);
  Seal(Seal&&) noexcept;
  Seal& operator=(Seal&&) noexcept;
  ~Seal();

  // `what` says what the secret is, `whose` to whom it belongs: both must be the same when it is opened.
  [[nodiscard]] Bytes close(BytesView plain, std::string_view what, BytesView whose, crypto::Random& random) const;
  // Error: damaged (altered, another one's, or sealed under another master key).
  [[nodiscard]] Result<SecretBuffer> open(BytesView sealed, std::string_view what, BytesView whose) const;

 private:
  struct Cipher;
  std::unique_ptr<Cipher> cipher_;
};

inline constexpr std::string_view kSealedRpmbKey = "rpmb key";  // whose: the ueid

}  // namespace signet::activation
