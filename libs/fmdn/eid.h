// Ephemeral identifiers (FMDN specification, "EID computation").
#pragma once

#include <optional>

#include "crypto/eid_curve.h"
#include "fmdn/keys.h"

namespace signet::fmdn {

using Curve = crypto::CurveName;

inline constexpr std::uint32_t kPeriod = 1024;  // seconds; an identifier belongs to a clock without its low 10 bits

// What an identifier is made of. Nothing but `eid` may leave the device.
struct Identity {
  Bytes eid;                // x coordinate, big-endian: 20 or 32 octets
  SecretBuffer scalar;      // r, of crypto::EidCurve::scalar_size()
  std::uint8_t flags_mask;  // hides the flags of the frame
};

// `clock`: seconds of the beacon's own clock; its low 10 bits do not matter. Nothing, with a probability of 2^-160, for
// a period that has no identifier.
std::optional<Identity> identity_at(const Eik& eik, std::uint32_t clock, Curve curve);
// The same with the identity key as AES-256 knows it: for many periods of one beacon.
std::optional<Identity> identity_at(const crypto::AesKey& eik, std::uint32_t clock, Curve curve);

// Steps of the above, for known answers: what is encrypted, and r', which the scalar is reduced from.
std::array<std::uint8_t, 32> seed_block(std::uint32_t clock);
SecretBytes<32> pseudorandom(const crypto::AesKey& eik, std::uint32_t clock);
std::optional<Identity> identity_of(const SecretBytes<32>& pseudorandom, Curve curve);

}  // namespace signet::fmdn
