#include <algorithm>

#include "crypto/x509_parts.h"

namespace signet::crypto {
namespace {

Failure invalid(std::string reason) { return fail(Errc::certificate_invalid, std::move(reason)); }

bool named_as_issuer(const Certificate& leaf, const Certificate& anchor) {
  return X509_NAME_cmp(X509_get_issuer_name(X509Access::x509(leaf)), X509_get_subject_name(X509Access::x509(anchor))) ==
         0;
}

bool signed_by(const Certificate& leaf, const Certificate& anchor) {
  const bool fits = X509_verify(X509Access::x509(leaf), X509Access::key(anchor)) == 1;
  ERR_clear_error();
  return fits;
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
