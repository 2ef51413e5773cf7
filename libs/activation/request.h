// The request with which a registration begins (docs/registration.md), as it came over the net.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "activation/keys.h"
#include "activation/records.h"
#include "base/result.h"

namespace signet::activation {

inline constexpr std::string_view kRequestProfile = "tag:signet,2026:registration-1";
inline constexpr std::string_view kChallengeProfile = "tag:signet,2026:challenge-1";

struct RegistrationRequest {
  identity::RegistrationId id{};
  identity::Ids ids;
  std::string sn_ticket;
  Ueid ueid{};
  Bytes certificate_request;  // PKCS #10
  std::string audience;
  ChipFactsSaid chip;
  std::uint32_t generation = 0;  // of the certificate that the device has of this registrar
  std::string escrow;            // JWE; empty: none
};

// Takes it apart; verifies nothing. Errors: invalid_argument, "request: chip.kcv: must be ...".
Result<RegistrationRequest> parse_request(std::string_view compact);

// The key that has signed both the request and the PKCS #10 in it, as SubjectPublicKeyInfo. Errors: bad_signature;
// invalid_argument (the PKCS #10).
Result<Bytes> verified_key(const RegistrationRequest& request, std::string_view compact);

// Opens what was escrowed and sees that it is the key of this chip, then seals it for the store. Empty when there is
// none. Errors: invalid_argument.
Result<Bytes> sealed_escrow(const RegistrationRequest& request, const KeyRing& keys, crypto::Random& random);

}  // namespace signet::activation
