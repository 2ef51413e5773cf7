// Certificate requests, PKCS #10 (RFC 2986).
#include <algorithm>

#include "crypto/x509_parts.h"

namespace signet::crypto {
namespace {

Failure invalid(const std::string& what) {
  ERR_clear_error();
  return fail(Errc::invalid_argument, "certificate request: " + what);
}

}  // namespace

Bytes make_certificate_request(const P256PrivateKey& key, const std::string& common_name) {
  const RequestOwner request{X509_REQ_new()};
  require(X509_REQ_set_version(request.get(), X509_REQ_VERSION_1));
  const auto* name = reinterpret_cast<const std::uint8_t*>(common_name.data());
  X509_NAME_add_entry_by_NID(X509_REQ_get_subject_name(request.get()), NID_commonName, MBSTRING_UTF8, name,
                             static_cast<int>(common_name.size()), -1, 0);
  ERR_clear_error();  // a name that cannot stand in a certificate is left out
  require(X509_REQ_set_pubkey(request.get(), PrivateKeyAccess::key(key)));
  require(X509_REQ_sign(request.get(), PrivateKeyAccess::key(key), EVP_sha256()));
  return encode([&request](std::uint8_t** out) { return i2d_X509_REQ(request.get(), out); });
}

Result<Bytes> verified_request_key(BytesView der) {
  if (der.size() > kMaxCertificate) return invalid("has more than " + std::to_string(kMaxCertificate) + " octets");
  const auto request = decode<RequestOwner>(der, d2i_X509_REQ);
  if (!request) return invalid("is no PKCS #10 in DER");
  const Bytes again = encode([&request](std::uint8_t** out) { return i2d_X509_REQ(request.get(), out); });
  if (!std::ranges::equal(again, der)) return invalid("is not in DER");
  if (X509_REQ_get_version(request.get()) != X509_REQ_VERSION_1) return invalid("version: must be 1");

  const X509_ALGOR* algorithm = nullptr;
  X509_REQ_get0_signature(request.get(), nullptr, &algorithm);
  if (!is_es256(algorithm)) return invalid("signature: must be ecdsa-with-SHA256");
  Bytes info =
      encode([&request](std::uint8_t** out) { return i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(request.get()), out); });
  const PKey key = decode_public(info);
  if (!key) return invalid("subjectPublicKeyInfo: must be a P-256 key");
  if (X509_REQ_verify(request.get(), key.get()) != 1) return invalid("the signature does not fit the key");
  return info;
}

}  // namespace signet::crypto
