#include <algorithm>

#include "crypto/x509_parts.h"

namespace signet::crypto {
namespace {

Failure invalid(std::string reason) { return fail(Errc::certificate_invalid, std::move(reason)); }

bool named_as_issuer(const Certificate& leaf, const Certificate& anchor) {
  const auto* issuer = X509_get_issuer_name(X509Access::x509(leaf));
  return X509_NAME_cmp(issuer, X509_get_subject_name(X509Access::x509(anchor))) == 0;
}

// The first element of the sequence that a certificate is.
BytesView signed_part(BytesView der) {
  const std::uint8_t* at = der.data();
  const auto enter = [&] {
    long size = 0;
    int tag = 0;
    int tag_class = 0;
    ASN1_get_object(&at, &size, &tag, &tag_class, static_cast<long>(der.end() - der.begin()) - (at - der.data()));
    return size;
  };
  enter();
  const std::uint8_t* begin = at;
  const long size = enter();
  return {begin, at + size};
}

std::optional<Es256Signature> signature_of(const Certificate& certificate) {
  const ASN1_BIT_STRING* bits = nullptr;
  X509_get0_signature(&bits, nullptr, X509Access::x509(certificate));
  if ((bits->flags & 7) != 0) return std::nullopt;  // bits that are not in use
  return es256_from_der({ASN1_STRING_get0_data(bits), static_cast<std::size_t>(ASN1_STRING_length(bits))});
}

// X509_verify would look for an algorithm in the certificate's library context, where there is none.
bool signed_by(const Certificate& leaf, const Certificate& anchor) {
  const auto signature = signature_of(leaf);
  return signature && anchor.verify(signed_part(leaf.der()), *signature);
}

Result<const Certificate*> issuer_of(const Certificate& leaf, std::span<const Certificate> anchors) {
  bool known = false;
  for (const Certificate& anchor : anchors) {
    if (!named_as_issuer(leaf, anchor)) continue;
    known = true;
    if (signed_by(leaf, anchor)) return &anchor;
  }
  return invalid(known ? "the CA's signature does not fit" : "issued by an unknown CA");
}

Result<void> check_validity(const Certificate& certificate, UnixTime time, std::chrono::seconds skew,
                            const std::string& whose) {
  if (time + skew < certificate.not_before()) return invalid(whose + "not yet valid");
  if (time - skew > certificate.not_after()) return invalid(whose + "expired");
  return {};
}

}  // namespace

Result<Certificate> verify_chain(const Certificate& leaf, std::span<const Certificate> anchors, UnixTime time,
                                 std::chrono::seconds skew) {
  SIGNET_ASSIGN(const Certificate* anchor, issuer_of(leaf, anchors));
  if (!anchor->is_ca()) return invalid("not a CA");
  SIGNET_TRY(check_validity(leaf, time, skew, ""));
  SIGNET_TRY(check_validity(*anchor, time, skew, "the CA: "));
  return *anchor;
}

}  // namespace signet::crypto
