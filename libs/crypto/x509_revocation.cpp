// Certificate revocation lists (RFC 5280 section 5): complete ones, of the issuer itself.
#include <algorithm>
#include <array>
#include <atomic>

#include "crypto/x509_parts.h"

namespace signet::crypto {
namespace {

constexpr std::size_t kMaxList = 64 * 1024 * 1024;

Failure invalid(const std::string& what) {
  ERR_clear_error();
  return fail(Errc::certificate_invalid, "revocation list: " + what);
}

Bytes encoded(X509_CRL* crl) {
  return encode([crl](std::uint8_t** out) { return i2d_X509_CRL(crl, out); });
}

Result<void> check_signature_algorithm(const X509_CRL* crl) {
  const X509_ALGOR* algorithm = nullptr;
  X509_CRL_get0_signature(crl, nullptr, &algorithm);
  if (is_es256(algorithm)) return {};
  return invalid("signature: must be ecdsa-with-SHA256");
}

// A critical one makes the list another thing than it seems: a part of one, or one of other issuers, too.
Result<void> check_extensions(const X509_CRL* crl) {
  for (int i = 0; i < X509_CRL_get_ext_count(crl); ++i) {
    if (X509_EXTENSION_get_critical(X509_CRL_get_ext(crl, i)) != 0) return invalid("extensions: a critical one");
  }
  return {};
}

bool has_critical_extension(const X509_REVOKED* entry) {
  for (int i = 0; i < X509_REVOKED_get_ext_count(entry); ++i) {
    if (X509_EXTENSION_get_critical(X509_REVOKED_get_ext(entry, i)) != 0) return true;
  }
  return false;
}

// Sorted.
Result<std::vector<Bytes>> serials_of(X509_CRL* crl) {
  const STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl);
  const int count = entries == nullptr ? 0 : sk_X509_REVOKED_num(entries);
  std::vector<Bytes> serials;
  serials.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    if (has_critical_extension(entry)) return invalid("entries: a critical extension");
    auto serial = to_serial(X509_REVOKED_get0_serialNumber(entry));
    if (!serial) return invalid("entries: a serial number must be positive and have at most 20 octets");
    serials.push_back(*std::move(serial));
  }
  std::ranges::sort(serials);
  return serials;
}

Result<void> add_entry(X509_CRL* crl, const Revocation& revocation) {
  const IntegerOwner serial = from_serial(revocation.serial);
  const TimeOwner at = from_unix_time(revocation.at);
  if (!serial || !at) {
    ERR_clear_error();
    return fail(Errc::invalid_argument, "revocation list: an entry has no valid serial number or time");
  }
  X509_REVOKED* entry = X509_REVOKED_new();
  require(X509_REVOKED_set_serialNumber(entry, serial.get()));
  require(X509_REVOKED_set_revocationDate(entry, at.get()));
  require(X509_CRL_add0_revoked(crl, entry));
  return {};
}

void add_extensions(X509_CRL* crl, std::uint64_t number, const Certificate& issuer) {
  std::array<std::uint8_t, 8> octets;
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  const Number big{BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr)};
  const IntegerOwner integer{BN_to_ASN1_INTEGER(big.get(), nullptr)};
  require(X509_CRL_add1_ext_i2d(crl, NID_crl_number, integer.get(), 0, X509V3_ADD_APPEND));

  X509* x509 = X509Access::x509(issuer);
  const std::unique_ptr<AUTHORITY_KEYID, FreeWith<AUTHORITY_KEYID_free>> authority{AUTHORITY_KEYID_new()};
  const ASN1_OCTET_STRING* of_issuer = X509_get0_subject_key_id(x509);
  authority->keyid =
      of_issuer != nullptr ? ASN1_OCTET_STRING_dup(of_issuer) : key_identifier(X509_get_X509_PUBKEY(x509)).release();
  require(X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, authority.get(), 0, X509V3_ADD_APPEND));
}

}  // namespace

struct RevocationList::Decoded {
  CrlOwner crl;
  Bytes der;
  std::vector<Bytes> serials;  // sorted
  UnixTime this_update;
  UnixTime next_update;
  // The issuer that was found to be so: the check hashes the whole list, and is asked for with every ticket.
  mutable std::atomic<std::shared_ptr<const Bytes>> issuer_der;
};

RevocationList::RevocationList(std::shared_ptr<const Decoded> decoded) : decoded_{std::move(decoded)} {}

Result<RevocationList> RevocationList::from_der(BytesView der) {
  if (der.size() > kMaxList) return invalid("has more than " + std::to_string(kMaxList) + " octets");
  auto decoded = std::make_shared<Decoded>();
  decoded->crl = decode<CrlOwner>(der, d2i_X509_CRL);
  X509_CRL* crl = decoded->crl.get();
  if (crl == nullptr) return invalid("is none in DER");
  decoded->der = encoded(crl);
  if (!std::ranges::equal(decoded->der, der)) return invalid("is not in DER");
  if (X509_CRL_get_version(crl) != X509_CRL_VERSION_2) return invalid("version: must be 2");
  SIGNET_TRY(check_signature_algorithm(crl));
  SIGNET_TRY(check_extensions(crl));
  SIGNET_ASSIGN(decoded->serials, serials_of(crl));
  const auto this_update = to_unix_time(X509_CRL_get0_lastUpdate(crl));
  const auto next_update = to_unix_time(X509_CRL_get0_nextUpdate(crl));
  if (!this_update || !next_update) return invalid("thisUpdate and nextUpdate: must be there");
  decoded->this_update = *this_update;
  decoded->next_update = *next_update;
  return RevocationList{std::move(decoded)};
}

Result<RevocationList> RevocationList::make(std::span<const Revocation> revoked, std::uint64_t number,
                                            UnixTime this_update, UnixTime next_update, const Certificate& issuer,
                                            const P256PrivateKey& issuer_key) {
  if (!issuer.is_ca() || issuer.public_der() != issuer_key.public_der()) {
    return fail(Errc::invalid_argument, "revocation list: issuer: must be a CA and its key");
  }
  const CrlOwner crl{X509_CRL_new()};
  require(X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2));
  require(X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(X509Access::x509(issuer))));
  const TimeOwner from = from_unix_time(this_update);
  const TimeOwner until = from_unix_time(next_update);
  if (!from || !until || next_update < this_update) {
    return fail(Errc::invalid_argument, "revocation list: next_update: must not be before this_update");
  }
  require(X509_CRL_set1_lastUpdate(crl.get(), from.get()));
  require(X509_CRL_set1_nextUpdate(crl.get(), until.get()));
  for (const Revocation& revocation : revoked) SIGNET_TRY(add_entry(crl.get(), revocation));
  require(X509_CRL_sort(crl.get()));
  add_extensions(crl.get(), number, issuer);
  require(X509_CRL_sign(crl.get(), PrivateKeyAccess::key(issuer_key), EVP_sha256()));
  return from_der(encoded(crl.get()));
}

const Bytes& RevocationList::der() const { return decoded_->der; }

bool RevocationList::issued_by(const Certificate& issuer) const {
  if (const auto known = decoded_->issuer_der.load(); known && *known == issuer.der()) return true;
  X509_CRL* crl = decoded_->crl.get();
  if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(X509Access::x509(issuer))) != 0) return false;
  const bool fits = X509_CRL_verify(crl, X509Access::key(issuer)) == 1;
  ERR_clear_error();
  if (fits) decoded_->issuer_der.store(std::make_shared<const Bytes>(issuer.der()));
  return fits;
}

bool RevocationList::contains(BytesView serial) const {
  return std::ranges::binary_search(decoded_->serials, without_leading_zeros(serial));
}

UnixTime RevocationList::this_update() const { return decoded_->this_update; }
UnixTime RevocationList::next_update() const { return decoded_->next_update; }

}  // namespace signet::crypto
