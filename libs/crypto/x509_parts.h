// The parts of which certificates, requests and revocation lists are made. Internal to crypto.
#pragma once

#include <openssl/x509v3.h>

#include "crypto/openssl.h"
#include "crypto/x509.h"

namespace signet::crypto {

struct Certificate::Decoded {
  X509Owner x509;
  PKey key;
  Bytes der;
  std::string common_name;
  std::string organizational_unit;
  Bytes serial;
  UnixTime not_before;
  UnixTime not_after;
  bool is_ca = false;
};

struct X509Access {
  static X509* x509(const Certificate& certificate) { return certificate.decoded_->x509.get(); }
  static EVP_PKEY* key(const Certificate& certificate) { return certificate.decoded_->key.get(); }
  static Result<Certificate> adopt(X509Owner x509);  // one that was just made
};

inline constexpr std::size_t kMaxCertificate = 8 * 1024;
inline constexpr std::size_t kMaxSerial = 20;  // RFC 5280 section 4.1.2.2

// ecdsa-with-SHA256 without parameters (RFC 5758 section 3.2).
bool is_es256(const X509_ALGOR* algorithm);

// Nothing for a time that is none.
std::optional<UnixTime> to_unix_time(const ASN1_TIME* time);
TimeOwner from_unix_time(UnixTime time);  // null for a year above 9999

// Big-endian, without leading zeros. Nothing unless it is positive and has at most kMaxSerial octets.
std::optional<Bytes> to_serial(const ASN1_INTEGER* number);
IntegerOwner from_serial(BytesView octets);  // null as above

Bytes without_leading_zeros(BytesView octets);

ObjectOwner object_identifier(std::string_view dotted);  // null when it is none

// Key identifiers link a certificate to the one of its issuer: the first 160 bits of SHA-256 (RFC 7093 section 2).
OctetsOwner key_identifier(const X509_PUBKEY* key);

// An extension of `NID`; `value` is of the type that OpenSSL has for it.
bool add_extension(X509* x509, int nid, void* value, bool critical);

}  // namespace signet::crypto
