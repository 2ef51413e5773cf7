// The ids under which a device is registered (docs/registration.md).
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/sha256.h"
#include "identity/derivation.h"

namespace signet::identity {

using RegistrationId = std::array<std::uint8_t, 16>;

struct Ids {
  std::string model_id;
  std::string sn;
  std::string app_id;
  bool operator==(const Ids&) const = default;
};

// Errors: invalid_argument, names the field, its length or the first octet that is not allowed.
Result<void> check_ids(const Ids& ids);
Result<void> check_model_id(std::string_view text);
Result<void> check_sn(std::string_view text);
Result<void> check_app_id(std::string_view text);
Result<void> check_sn_ticket(std::string_view text);  // 32 of A-Z a-z 0-9

crypto::Digest identity_digest(const RegistrationId& id, const Ids& ids);  // extension A.5 of a device certificate
crypto::Digest cid_hash(const MaskedCid& cid);

// Object identifiers of Signet (docs/registration.md): A, and one number each.
#define SIGNET_OID_ARC "1.2.840.113556.1.8000.2554.9247.62670.30550.17533.44643.14206824.2361740"
inline constexpr std::string_view kHardwarePolicy = SIGNET_OID_ARC ".1";
inline constexpr std::string_view kEmulatedPolicy = SIGNET_OID_ARC ".2";
inline constexpr std::string_view kSignsChallenges = SIGNET_OID_ARC ".3";
inline constexpr std::string_view kSignsTickets = SIGNET_OID_ARC ".4";
inline constexpr std::string_view kIdentityDigest = SIGNET_OID_ARC ".5";
#undef SIGNET_OID_ARC

}  // namespace signet::identity
