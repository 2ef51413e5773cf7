// ECDSA with P-256 and SHA-256 (FIPS 186-5), signatures as JOSE writes them (RFC 7518 section 3.4).
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret_bytes.h"

namespace signet::crypto {

inline constexpr std::size_t kEs256Size = 64;
using Es256Signature = std::array<std::uint8_t, kEs256Size>;  // r || s, 32 octets each, big-endian

using P256Scalar = SecretBytes<32>;  // big-endian

using P256Point = std::array<std::uint8_t, 64>;  // x || y, 32 octets each, big-endian

// A private key, kept decoded and ready: a signature costs one multiplication and little else (tests/bench).
class P256PrivateKey {
 public:
  static P256PrivateKey generate();
  // The inverse of scalar(). invalid_argument: not within 1 .. n-1.
  static Result<P256PrivateKey> from_scalar(const P256Scalar& scalar);

  P256PrivateKey(P256PrivateKey&&) noexcept;
  P256PrivateKey& operator=(P256PrivateKey&&) noexcept;
  ~P256PrivateKey();

  [[nodiscard]] P256Scalar scalar() const;  // all there is to keep: the public key follows from it
  [[nodiscard]] Bytes public_der() const;   // SubjectPublicKeyInfo (RFC 5280)
  [[nodiscard]] Es256Signature sign(BytesView data) const;
  [[nodiscard]] bool verify(BytesView data, BytesView signature) const;
  // ECDH (NIST SP 800-56A): the x coordinate of this key times the other's point. Nothing when that is not on the
  // curve.
  [[nodiscard]] std::optional<SecretBytes<32>> shared_x(const P256Point& other) const;

 private:
  struct Key;
  explicit P256PrivateKey(std::unique_ptr<Key> key);
  std::unique_ptr<Key> key_;
  friend struct PrivateKeyAccess;  // for certificates
};

// SubjectPublicKeyInfo out of a "PUBLIC KEY" PEM text. invalid_argument: is none, or not of P-256.
Result<Bytes> public_key_from_pem(std::string_view pem);

// Verifies with a SubjectPublicKeyInfo (named curve, uncompressed point). invalid_argument: not a P-256 public key. A
// signature of any other length than 64 octets is simply not valid.
Result<bool> verify_es256(BytesView public_der, BytesView data, BytesView signature);

// Between a SubjectPublicKeyInfo and the point of P-256 in it. invalid_argument: the input is no such key.
Result<P256Point> public_point(BytesView public_der);
Result<Bytes> public_from_point(const P256Point& point);

// Between r || s and the DER SEQUENCE that OpenSSL and X.509 use. Nothing when the input is not of that form.
Bytes es256_to_der(const Es256Signature& signature);
std::optional<Es256Signature> es256_from_der(BytesView der);

}  // namespace signet::crypto
