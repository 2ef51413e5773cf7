// ECDSA with P-256 and SHA-256 (FIPS 186-5), signatures as JOSE writes them (RFC 7518 section 3.4).
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret_bytes.h"

namespace signet::crypto {

inline constexpr std::size_t kEs256Size = 64;
using Es256Signature = std::array<std::uint8_t, kEs256Size>;  // r || s, 32 octets each, big-endian

// A private key; kept decoded, so that a signature costs one multiplication and nothing else.
class P256PrivateKey {
 public:
  static P256PrivateKey generate();
  // From to_der(). invalid_argument: not such a key.
  static Result<P256PrivateKey> from_der(BytesView der);

  P256PrivateKey(P256PrivateKey&&) noexcept;
  P256PrivateKey& operator=(P256PrivateKey&&) noexcept;
  ~P256PrivateKey();

  [[nodiscard]] SecretBuffer to_der() const;  // PrivateKeyInfo (RFC 5208), unencrypted
  [[nodiscard]] Bytes public_der() const;     // SubjectPublicKeyInfo (RFC 5280)
  [[nodiscard]] Es256Signature sign(BytesView data) const;
  [[nodiscard]] bool verify(BytesView data, BytesView signature) const;

 private:
  struct Key;
  explicit P256PrivateKey(std::unique_ptr<Key> key);
  std::unique_ptr<Key> key_;
};

// Verifies with a SubjectPublicKeyInfo. invalid_argument: not a P-256 public key. A signature of any other length than
// 64 octets is simply not valid.
Result<bool> verify_es256(BytesView public_der, BytesView data, BytesView signature);

// Between r || s and the DER SEQUENCE that OpenSSL and X.509 use. Nothing when the input is not of that form.
Bytes es256_to_der(const Es256Signature& signature);
std::optional<Es256Signature> es256_from_der(BytesView der);

}  // namespace signet::crypto
