// A CA and what it issues, for tests.
#pragma once

#include <string>

#include "crypto/x509.h"

namespace signet::crypto {

inline constexpr UnixTime kNow{std::chrono::seconds{1'900'000'000}};
inline constexpr std::chrono::hours kYear{24 * 365};

inline CertificateSpec ca_spec(const std::string& name = "Test CA") {
  return {.common_name = name,
          .organization = "Signet tests",
          .organizational_unit = "",
          .not_before = kNow - kYear,
          .not_after = kNow + kYear,
          .serial = {1},
          .ca = true,
          .policies = {},
          .extended_uses = {},
          .octets_extensions = {}};
}

inline CertificateSpec leaf_spec() {
  return {.common_name = "a leaf",
          .organization = "",
          .organizational_unit = "7",
          .not_before = kNow - kYear / 2,
          .not_after = kNow + kYear / 2,
          .serial = {0x80, 2},
          .ca = false,
          .policies = {},
          .extended_uses = {},
          .octets_extensions = {}};
}

struct Ca {
  explicit Ca(const CertificateSpec& spec = ca_spec()) : certificate{self_sign(spec, key).value()} {}
  [[nodiscard]] Result<Certificate> issue(const CertificateSpec& spec, const P256PrivateKey& of) const {
    return issue_certificate(spec, of.public_der(), certificate, key);
  }
  [[nodiscard]] Result<RevocationList> revoke(std::span<const Revocation> revoked,
                                              UnixTime until = kNow + kYear) const {
    return RevocationList::make(revoked, 1, kNow - kYear, until, certificate, key);
  }

  P256PrivateKey key = P256PrivateKey::generate();
  Certificate certificate;
};

}  // namespace signet::crypto
