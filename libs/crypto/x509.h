// X.509 certificates, requests and revocation lists (RFC 5280, RFC 2986) with ECDSA P-256 keys and SHA-256 only.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/ecdsa.h"

namespace signet::crypto {

using UnixTime = std::chrono::sys_seconds;

// Immutable; copies share one decoded certificate. Errors: certificate_invalid, with the field and the rule.
class Certificate {
 public:
  static Result<Certificate> from_der(BytesView der);
  static Result<std::vector<Certificate>> from_pem(std::string_view pem);  // one or more

  [[nodiscard]] const Bytes& der() const;
  [[nodiscard]] std::string pem() const;
  [[nodiscard]] Bytes public_der() const;  // SubjectPublicKeyInfo
  [[nodiscard]] std::string common_name() const;
  [[nodiscard]] std::string organizational_unit() const;
  [[nodiscard]] Bytes serial() const;  // big-endian, without leading zeros
  [[nodiscard]] UnixTime not_before() const;
  [[nodiscard]] UnixTime not_after() const;
  [[nodiscard]] bool is_ca() const;
  // Object identifiers in dotted form.
  [[nodiscard]] bool has_policy(std::string_view oid) const;
  [[nodiscard]] bool has_extended_use(std::string_view oid) const;
  // The content of the OCTET STRING that an extension of our own is; nothing when there is none or it is of another
  // form.
  [[nodiscard]] std::optional<Bytes> octets_extension(std::string_view oid) const;
  [[nodiscard]] bool operator==(const Certificate& other) const { return der() == other.der(); }

  // ES256 with the certificate's key; the public key is decoded once.
  [[nodiscard]] bool verify(BytesView data, const Es256Signature& signature) const;

 private:
  struct Decoded;
  explicit Certificate(std::shared_ptr<const Decoded> decoded);
  std::shared_ptr<const Decoded> decoded_;
  friend struct X509Access;
};

// What a certificate shall say; what is empty is left out. Serial numbers are 16 random octets, given by the issuer.
struct CertificateSpec {
  std::string common_name;
  std::string organization;
  std::string organizational_unit;
  UnixTime not_before;
  UnixTime not_after;
  Bytes serial;     // 1 to 20 octets, positive
  bool ca = false;  // else an end entity that signs
  std::vector<std::string> policies;
  std::vector<std::string> extended_uses;
  std::vector<std::pair<std::string, Bytes>> octets_extensions;
};
// Errors: invalid_argument, names the field of the spec, or "issuer" and "public key".
Result<Certificate> issue_certificate(const CertificateSpec& spec, BytesView public_der, const Certificate& issuer,
                                      const P256PrivateKey& issuer_key);
Result<Certificate> self_sign(const CertificateSpec& spec, const P256PrivateKey& key);

// PKCS #10. The request proves possession of the key, no more: what it says of names is not looked at.
Bytes make_certificate_request(const P256PrivateKey& key, const std::string& common_name);
// The SubjectPublicKeyInfo, after its signature has been checked. Error: invalid_argument with the field and the rule.
Result<Bytes> verified_request_key(BytesView der);

// A list of certificates that are not valid any more; complete, and of those that its issuer has issued. Immutable;
// copies share one decoded list. Errors: certificate_invalid for a list that is read, invalid_argument for one that is
// made.
struct Revocation {
  Bytes serial;
  UnixTime at;
};
class RevocationList {
 public:
  static Result<RevocationList> from_der(BytesView der);
  static Result<RevocationList> make(std::span<const Revocation> revoked, std::uint64_t number, UnixTime this_update,
                                     UnixTime next_update, const Certificate& issuer, const P256PrivateKey& issuer_key);

  [[nodiscard]] const Bytes& der() const;
  // Name and signature; the answer yes is remembered, so that it costs nothing the second time.
  [[nodiscard]] bool issued_by(const Certificate& issuer) const;
  [[nodiscard]] bool contains(BytesView serial) const;
  [[nodiscard]] UnixTime this_update() const;
  [[nodiscard]] UnixTime next_update() const;

 private:
  struct Decoded;
  explicit RevocationList(std::shared_ptr<const Decoded> decoded);
  std::shared_ptr<const Decoded> decoded_;
};

// Whether `leaf` was issued by one of `anchors` and both are valid at `time` (give or take `skew`); returns that
// anchor. Certificates in between do not occur in Signet. Error: certificate_invalid with the reason: "issued by an
// unknown CA", "the CA's signature does not fit", "not a CA", "not yet valid", "expired", and the last two behind
// "the CA: ".
Result<Certificate> verify_chain(const Certificate& leaf, std::span<const Certificate> anchors, UnixTime time,
                                 std::chrono::seconds skew = std::chrono::seconds{60});

}  // namespace signet::crypto
