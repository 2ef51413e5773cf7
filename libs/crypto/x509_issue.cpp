// Making certificates.
#include "crypto/x509_parts.h"

namespace signet::crypto {
namespace {

Failure invalid(const std::string& what) {
  ERR_clear_error();
  return fail(Errc::invalid_argument, "certificate: " + what);
}

Result<void> add_name(X509_NAME* name, int nid, const std::string& value, const char* field) {
  if (value.empty()) return {};
  const auto* utf8 = reinterpret_cast<const std::uint8_t*>(value.data());
  if (X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, utf8, static_cast<int>(value.size()), -1, 0) == 1) return {};
  return invalid(std::string{field} + ": must be at most 64 characters of UTF-8");
}

Result<void> set_subject(X509* x509, const CertificateSpec& spec) {
  X509_NAME* name = X509_get_subject_name(x509);
  SIGNET_TRY(add_name(name, NID_organizationName, spec.organization, "organization"));
  SIGNET_TRY(add_name(name, NID_organizationalUnitName, spec.organizational_unit, "organizational_unit"));
  SIGNET_TRY(add_name(name, NID_commonName, spec.common_name, "common_name"));
  if (X509_NAME_entry_count(name) == 0) return invalid("subject: must not be empty");
  return {};
}

Result<void> set_serial_and_validity(X509* x509, const CertificateSpec& spec) {
  const IntegerOwner serial = from_serial(spec.serial);
  if (!serial) return invalid("serial: must be positive and have at most 20 octets");
  require(X509_set_serialNumber(x509, serial.get()));

  const TimeOwner not_before = from_unix_time(spec.not_before);
  const TimeOwner not_after = from_unix_time(spec.not_after);
  if (!not_before || !not_after || spec.not_after < spec.not_before) {
    return invalid("validity: must end after it begins, before the year 10000");
  }
  require(X509_set1_notBefore(x509, not_before.get()));
  require(X509_set1_notAfter(x509, not_after.get()));
  return {};
}

Result<void> set_key(X509* x509, BytesView public_der) {
  const PKey key = decode_public(public_der);
  if (!key) return invalid("public key: must be a P-256 key in DER");
  require(X509_set_pubkey(x509, key.get()));
  return {};
}

void add_basic_constraints(X509* x509, bool ca) {
  const std::unique_ptr<BASIC_CONSTRAINTS, FreeWith<BASIC_CONSTRAINTS_free>> constraints{BASIC_CONSTRAINTS_new()};
  if (ca) {
    constraints->ca = 0xff;
    constraints->pathlen = ASN1_INTEGER_new();
    require(ASN1_INTEGER_set(constraints->pathlen, 0));
  }
  require(add_extension(x509, NID_basic_constraints, constraints.get(), true) ? 1 : 0);
}

void add_key_usage(X509* x509, bool ca) {
  constexpr int kDigitalSignature = 0;
  constexpr int kKeyCertSign = 5;
  constexpr int kCrlSign = 6;
  const BitsOwner bits{ASN1_BIT_STRING_new()};
  require(ASN1_BIT_STRING_set_bit(bits.get(), ca ? kKeyCertSign : kDigitalSignature, 1));
  if (ca) require(ASN1_BIT_STRING_set_bit(bits.get(), kCrlSign, 1));
  require(add_extension(x509, NID_key_usage, bits.get(), true) ? 1 : 0);
}

void add_key_identifiers(X509* x509, X509* issuer) {
  OctetsOwner own = key_identifier(X509_get_X509_PUBKEY(x509));
  require(add_extension(x509, NID_subject_key_identifier, own.get(), false) ? 1 : 0);

  const std::unique_ptr<AUTHORITY_KEYID, FreeWith<AUTHORITY_KEYID_free>> authority{AUTHORITY_KEYID_new()};
  const ASN1_OCTET_STRING* of_issuer = X509_get0_subject_key_id(issuer);
  authority->keyid =
      of_issuer != nullptr ? ASN1_OCTET_STRING_dup(of_issuer) : key_identifier(X509_get_X509_PUBKEY(issuer)).release();
  require(add_extension(x509, NID_authority_key_identifier, authority.get(), false) ? 1 : 0);
}

Result<void> add_policies(X509* x509, const std::vector<std::string>& oids) {
  if (oids.empty()) return {};
  const std::unique_ptr<CERTIFICATEPOLICIES, FreeWith<CERTIFICATEPOLICIES_free>> all{CERTIFICATEPOLICIES_new()};
  for (const std::string& oid : oids) {
    ObjectOwner object = object_identifier(oid);
    if (!object) return invalid("policies: " + oid + " is no object identifier");
    POLICYINFO* policy = POLICYINFO_new();
    policy->policyid = object.release();
    require(sk_POLICYINFO_push(all.get(), policy));
  }
  require(add_extension(x509, NID_certificate_policies, all.get(), false) ? 1 : 0);
  return {};
}

Result<void> add_extended_uses(X509* x509, const std::vector<std::string>& oids) {
  if (oids.empty()) return {};
  const std::unique_ptr<EXTENDED_KEY_USAGE, FreeWith<EXTENDED_KEY_USAGE_free>> all{EXTENDED_KEY_USAGE_new()};
  for (const std::string& oid : oids) {
    ObjectOwner object = object_identifier(oid);
    if (!object) return invalid("extended_uses: " + oid + " is no object identifier");
    require(sk_ASN1_OBJECT_push(all.get(), object.release()));
  }
  require(add_extension(x509, NID_ext_key_usage, all.get(), false) ? 1 : 0);
  return {};
}

Result<void> add_octets_extension(X509* x509, const std::string& oid, BytesView octets) {
  const ObjectOwner object = object_identifier(oid);
  if (!object) return invalid("octets_extensions: " + oid + " is no object identifier");
  const OctetsOwner inner{ASN1_OCTET_STRING_new()};
  require(ASN1_OCTET_STRING_set(inner.get(), octets.data(), static_cast<int>(octets.size())));
  const Bytes der = encode([&inner](std::uint8_t** out) { return i2d_ASN1_OCTET_STRING(inner.get(), out); });
  const OctetsOwner outer{ASN1_OCTET_STRING_new()};
  require(ASN1_OCTET_STRING_set(outer.get(), der.data(), static_cast<int>(der.size())));

  const std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>> extension{
      X509_EXTENSION_create_by_OBJ(nullptr, object.get(), 0, outer.get())};
  require(X509_add_ext(x509, extension.get(), -1));
  return {};
}

// `issuer`: null for a certificate of its own key.
Result<Certificate> make(const CertificateSpec& spec, BytesView public_der, X509* issuer, const P256PrivateKey& key) {
  X509Owner x509{X509_new()};
  require(X509_set_version(x509.get(), X509_VERSION_3));
  SIGNET_TRY(set_subject(x509.get(), spec));
  SIGNET_TRY(set_serial_and_validity(x509.get(), spec));
  SIGNET_TRY(set_key(x509.get(), public_der));
  if (issuer == nullptr) issuer = x509.get();
  require(X509_set_issuer_name(x509.get(), X509_get_subject_name(issuer)));

  add_basic_constraints(x509.get(), spec.ca);
  add_key_usage(x509.get(), spec.ca);
  add_key_identifiers(x509.get(), issuer);
  SIGNET_TRY(add_policies(x509.get(), spec.policies));
  SIGNET_TRY(add_extended_uses(x509.get(), spec.extended_uses));
  for (const auto& [oid, octets] : spec.octets_extensions) {
    SIGNET_TRY(add_octets_extension(x509.get(), oid, octets));
  }
  require(X509_sign(x509.get(), PrivateKeyAccess::key(key), EVP_sha256()));
  return X509Access::adopt(std::move(x509));
}

}  // namespace

Result<Certificate> issue_certificate(const CertificateSpec& spec, BytesView public_der, const Certificate& issuer,
                                      const P256PrivateKey& issuer_key) {
  if (!issuer.is_ca()) return invalid("issuer: is not a CA");
  if (issuer.public_der() != issuer_key.public_der()) return invalid("issuer: the key is not the certificate's");
  return make(spec, public_der, X509Access::x509(issuer), issuer_key);
}

Result<Certificate> self_sign(const CertificateSpec& spec, const P256PrivateKey& key) {
  return make(spec, key.public_der(), nullptr, key);
}

}  // namespace signet::crypto
