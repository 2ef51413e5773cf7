// Reports of a location: a sighter seals one for whoever owns the identifier it saw, the owner opens it (FMDN
// specification, "Encryption of location reports").
#pragma once

#include <array>
#include <optional>

#include "base/result.h"
#include "crypto/aes_eax.h"
#include "fmdn/eid.h"

namespace signet::fmdn {

// Which octets of the two coordinates make the nonce: specification and the reports of the live network differ.
enum class NonceProfile : std::uint8_t {
  spec80,      // the last 10 octets of each, as the specification says
  deployed64,  // the last 8 octets of each, as reports on the network are
};

using TruncatedEid = std::array<std::uint8_t, 10>;

struct Report {
  TruncatedEid urx;  // the first 80 bits of the identifier
  Bytes sx;          // the sighter's point: 20 or 32 octets
  Bytes text;
  Bytes tag;  // 16 octets
};

// The curve that identifiers of so many octets are on.
std::optional<Curve> curve_of(std::size_t eid_size);
TruncatedEid truncate(BytesView eid);

// `pseudorandom`: 32 fresh random octets. invalid_argument: the identifier is no x coordinate of its curve.
Result<Report> seal(BytesView eid, NonceProfile profile, BytesView message, const SecretBytes<32>& pseudorandom);

// bad_signature: made for another identifier, damaged, or of the other profile. `identity` is that of report.urx.
Result<Bytes> open(const Report& report, const Identity& identity, NonceProfile profile);
// Tries the profile that is usual for the curve first.
Result<Bytes> open(const Report& report, const Identity& identity);

// Steps of the above, for known answers.
struct ReportKey {
  SecretBytes<32> key;
  Bytes nonce;
};
ReportKey report_key(BytesView shared_x, BytesView eid, BytesView sx, NonceProfile profile);

}  // namespace signet::fmdn
