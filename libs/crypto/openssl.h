// Owners of OpenSSL objects, and what more than one file needs of that library. Internal to crypto.
#pragma once

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <memory>

#include "base/free_with.h"
#include "crypto/ecdsa.h"

namespace signet::crypto {

using PKey = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using X509Owner = std::unique_ptr<X509, FreeWith<X509_free>>;
using RequestOwner = std::unique_ptr<X509_REQ, FreeWith<X509_REQ_free>>;
using CrlOwner = std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>>;
using ObjectOwner = std::unique_ptr<ASN1_OBJECT, FreeWith<ASN1_OBJECT_free>>;
using IntegerOwner = std::unique_ptr<ASN1_INTEGER, FreeWith<ASN1_INTEGER_free>>;
using OctetsOwner = std::unique_ptr<ASN1_OCTET_STRING, FreeWith<ASN1_OCTET_STRING_free>>;
using BitsOwner = std::unique_ptr<ASN1_BIT_STRING, FreeWith<ASN1_BIT_STRING_free>>;
using TimeOwner = std::unique_ptr<ASN1_TIME, FreeWith<ASN1_TIME_free>>;
using Number = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free>>;

// With valid arguments and memory at hand these calls have no reason to fail; going on would be worse.
inline void require(int ok) {
  if (ok <= 0) std::abort();
}

// Runs one of OpenSSL's i2d functions into a buffer of the right size.
template <class Encode>
Bytes encode(Encode encode_to) {
  const int size = encode_to(nullptr);
  require(size);
  Bytes buffer(static_cast<std::size_t>(size));
  std::uint8_t* end = buffer.data();
  encode_to(&end);
  return buffer;
}

// Runs one of OpenSSL's d2i functions. Null when the octets are malformed, or more than the object.
template <class Owner, class Decode>
Owner decode(BytesView der, Decode decode_from) {
  const std::uint8_t* at = der.data();
  Owner object{decode_from(nullptr, &at, static_cast<long>(der.size()))};
  if (object && at != der.data() + der.size()) object.reset();
  ERR_clear_error();
  return object;
}

// A SubjectPublicKeyInfo with the uncompressed point of P-256 as a named curve, the one form that Signet uses. Null for
// any other.
PKey decode_public(BytesView public_der);
bool verify_with(EVP_PKEY* key, BytesView data, BytesView signature);

struct PrivateKeyAccess {
  static EVP_PKEY* key(const P256PrivateKey& key);  // borrowed
};

}  // namespace signet::crypto
