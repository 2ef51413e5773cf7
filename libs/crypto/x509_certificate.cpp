// Taking certificates apart. All that is refused is refused here, so that whoever holds a Certificate need not ask.
#include <openssl/pem.h>
#include <openssl/provider.h>

#include <algorithm>

#include "crypto/x509_parts.h"

namespace signet::crypto {
namespace {

Failure invalid(const std::string& what) {
  ERR_clear_error();
  return fail(Errc::certificate_invalid, what);
}

// The value of the one attribute of that type; "" when there is none.
Result<std::string> attribute(const X509_NAME* name, int nid, const std::string& what) {
  const int at = X509_NAME_get_index_by_NID(name, nid, -1);
  if (at < 0) return std::string{};
  if (X509_NAME_get_index_by_NID(name, nid, at) >= 0) return invalid("subject: has more than one " + what);
  std::uint8_t* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (size < 0) return invalid("subject: " + what + " is no text");
  std::string value{reinterpret_cast<char*>(utf8), static_cast<std::size_t>(size)};
  OPENSSL_free(utf8);
  return value;
}

Result<void> check_signature_algorithm(const X509* x509) {
  const X509_ALGOR* outer = nullptr;
  X509_get0_signature(nullptr, &outer, x509);
  if (is_es256(outer) && is_es256(X509_get0_tbs_sigalg(x509))) return {};
  return invalid("signature: must be ecdsa-with-SHA256");
}

// RFC 5280 section 4.2: each at most once, and none critical that is not understood.
Result<void> check_extensions(X509* x509) {
  for (int i = 0; i < X509_get_ext_count(x509); ++i) {
    const ASN1_OBJECT* object = X509_EXTENSION_get_object(X509_get_ext(x509, i));
    if (X509_get_ext_by_OBJ(x509, object, i) >= 0) return invalid("extensions: one occurs twice");
  }
  X509_check_purpose(x509, -1, 0);  // makes OpenSSL look at them
  const std::uint32_t flags = X509_get_extension_flags(x509);
  if ((flags & EXFLAG_INVALID) != 0) return invalid("extensions: one is malformed");
  if ((flags & EXFLAG_CRITICAL) != 0) return invalid("extensions: a critical one is unknown");
  return {};
}

bool issues_certificates(X509* x509) {
  return (X509_get_extension_flags(x509) & EXFLAG_CA) != 0 && (X509_get_key_usage(x509) & KU_KEY_CERT_SIGN) != 0;
}

bool among(const std::vector<ObjectOwner>& objects, std::string_view oid) {
  const ObjectOwner wanted = object_identifier(oid);
  return wanted && std::ranges::any_of(
                       objects, [&](const ObjectOwner& object) { return OBJ_cmp(object.get(), wanted.get()) == 0; });
}

std::vector<ObjectOwner> policies(const X509* x509) {
  using Policies = std::unique_ptr<CERTIFICATEPOLICIES, FreeWith<CERTIFICATEPOLICIES_free>>;
  const Policies all{
      static_cast<CERTIFICATEPOLICIES*>(X509_get_ext_d2i(x509, NID_certificate_policies, nullptr, nullptr))};
  std::vector<ObjectOwner> objects;
  for (int i = 0; all && i < sk_POLICYINFO_num(all.get()); ++i) {
    objects.emplace_back(OBJ_dup(sk_POLICYINFO_value(all.get(), i)->policyid));
  }
  return objects;
}

std::vector<ObjectOwner> extended_uses(const X509* x509) {
  using Uses = std::unique_ptr<EXTENDED_KEY_USAGE, FreeWith<EXTENDED_KEY_USAGE_free>>;
  const Uses all{static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(x509, NID_ext_key_usage, nullptr, nullptr))};
  std::vector<ObjectOwner> objects;
  for (int i = 0; all && i < sk_ASN1_OBJECT_num(all.get()); ++i) {
    objects.emplace_back(OBJ_dup(sk_ASN1_OBJECT_value(all.get(), i)));
  }
  return objects;
}

// A library context from which no algorithm can be had. In any other, d2i_X509 asks every decoder of every provider for
// the public key, which costs more than the verification that it is for (measured with 3.0); decode_public does
// without.
OSSL_LIB_CTX* without_algorithms() {
  struct Context {
    std::unique_ptr<OSSL_LIB_CTX, FreeWith<OSSL_LIB_CTX_free>> library{OSSL_LIB_CTX_new()};
    std::unique_ptr<OSSL_PROVIDER, FreeWith<OSSL_PROVIDER_unload>> none{OSSL_PROVIDER_load(library.get(), "null")};
  };
  static const Context context;
  require(context.none != nullptr);
  return context.library.get();
}

X509Owner decode_x509(BytesView der) {
  return decode<X509Owner>(der, [](X509**, const std::uint8_t** at, long size) {
    X509* x509 = X509_new_ex(without_algorithms(), nullptr);
    require(x509 != nullptr);
    return d2i_X509(&x509, at, size);  // frees it when it fails
  });
}

struct PemBlock {
  char* name = nullptr;
  char* header = nullptr;
  std::uint8_t* data = nullptr;
  long size = 0;
  PemBlock() = default;
  PemBlock(const PemBlock&) = delete;
  PemBlock& operator=(const PemBlock&) = delete;
  ~PemBlock() {
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<std::size_t>(size));
  }
  bool read(BIO* from) { return PEM_read_bio(from, &name, &header, &data, &size) == 1; }
};

// Whether the last read found nothing any more, rather than something malformed.
bool at_end() {
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

}  // namespace

Certificate::Certificate(std::shared_ptr<const Decoded> decoded) : decoded_{std::move(decoded)} {}

Result<Certificate> X509Access::adopt(X509Owner x509) {
  return Certificate::from_der(encode([&x509](std::uint8_t** out) { return i2d_X509(x509.get(), out); }));
}

Result<Certificate> Certificate::from_der(BytesView der) {
  if (der.size() > kMaxCertificate) return invalid("has more than " + std::to_string(kMaxCertificate) + " octets");
  auto decoded = std::make_shared<Decoded>();
  decoded->x509 = decode_x509(der);
  X509* x509 = decoded->x509.get();
  if (x509 == nullptr) return invalid("is no X.509 certificate in DER");
  decoded->der = encode([x509](std::uint8_t** out) { return i2d_X509(x509, out); });
  if (!std::ranges::equal(decoded->der, der)) return invalid("is not in DER");
  if (X509_get_version(x509) != X509_VERSION_3) return invalid("version: must be 3");
  SIGNET_TRY(check_signature_algorithm(x509));
  SIGNET_TRY(check_extensions(x509));

  const Bytes info = encode([x509](std::uint8_t** out) { return i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), out); });
  decoded->key = decode_public(info);
  if (!decoded->key) return invalid("subjectPublicKeyInfo: must be a P-256 key");
  SIGNET_ASSIGN(decoded->common_name, attribute(X509_get_subject_name(x509), NID_commonName, "CN"));
  SIGNET_ASSIGN(decoded->organizational_unit, attribute(X509_get_subject_name(x509), NID_organizationalUnitName, "OU"));
  auto serial = to_serial(X509_get0_serialNumber(x509));
  if (!serial) return invalid("serialNumber: must be positive and have at most 20 octets");
  decoded->serial = *std::move(serial);
  const auto not_before = to_unix_time(X509_get0_notBefore(x509));
  const auto not_after = to_unix_time(X509_get0_notAfter(x509));
  if (!not_before || !not_after) return invalid("validity: is no time");
  decoded->not_before = *not_before;
  decoded->not_after = *not_after;
  decoded->is_ca = issues_certificates(x509);
  return Certificate{std::move(decoded)};
}

Result<std::vector<Certificate>> Certificate::from_pem(std::string_view pem) {
  const Bio bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  require(bio != nullptr);
  std::vector<Certificate> certificates;
  for (;;) {
    PemBlock block;
    if (!block.read(bio.get())) {
      if (!at_end()) return invalid("is not PEM");
      break;
    }
    if (std::string_view{block.name} != PEM_STRING_X509) return invalid("PEM: must hold certificates alone");
    SIGNET_ASSIGN(Certificate certificate, from_der({block.data, static_cast<std::size_t>(block.size)}));
    certificates.push_back(std::move(certificate));
  }
  if (certificates.empty()) return invalid("PEM: there is no certificate in it");
  return certificates;
}

const Bytes& Certificate::der() const { return decoded_->der; }

std::string Certificate::pem() const {
  const Bio bio{BIO_new(BIO_s_mem())};
  require(PEM_write_bio_X509(bio.get(), decoded_->x509.get()));
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

Bytes Certificate::public_der() const {
  return encode([this](std::uint8_t** out) { return i2d_PUBKEY(decoded_->key.get(), out); });
}

std::string Certificate::common_name() const { return decoded_->common_name; }
std::string Certificate::organizational_unit() const { return decoded_->organizational_unit; }
Bytes Certificate::serial() const { return decoded_->serial; }
UnixTime Certificate::not_before() const { return decoded_->not_before; }
UnixTime Certificate::not_after() const { return decoded_->not_after; }
bool Certificate::is_ca() const { return decoded_->is_ca; }

bool Certificate::has_policy(std::string_view oid) const { return among(policies(decoded_->x509.get()), oid); }

bool Certificate::has_extended_use(std::string_view oid) const {
  return among(extended_uses(decoded_->x509.get()), oid);
}

std::optional<Bytes> Certificate::octets_extension(std::string_view oid) const {
  const ObjectOwner object = object_identifier(oid);
  const int at = object ? X509_get_ext_by_OBJ(decoded_->x509.get(), object.get(), -1) : -1;
  if (at < 0) return std::nullopt;
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(X509_get_ext(decoded_->x509.get(), at));
  const BytesView der{ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value))};
  const auto octets = decode<OctetsOwner>(der, d2i_ASN1_OCTET_STRING);
  if (!octets) return std::nullopt;
  const std::uint8_t* begin = ASN1_STRING_get0_data(octets.get());
  return Bytes{begin, begin + ASN1_STRING_length(octets.get())};
}

bool Certificate::verify(BytesView data, const Es256Signature& signature) const {
  return verify_with(decoded_->key.get(), data, signature);
}

}  // namespace signet::crypto
