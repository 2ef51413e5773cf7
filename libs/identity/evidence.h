// Proof for a client that the chip answered: an attestation (attestation.h) over B = namespace || 0x00 || data, with
// the labels "signet-evidence-v1 data" and "signet-evidence-v1 counter".
#pragma once

#include <string_view>

#include "base/result.h"
#include "crypto/hmac.h"
#include "identity/attestation.h"
#include "rpmb/session.h"
#include "rpmb/store/store.h"

namespace signet::identity {

inline constexpr std::uint16_t kEvidenceBlocks = kAttestedBlocks;
inline constexpr std::size_t kEvidenceFrames = kAttestationFrames;
inline constexpr std::size_t kEvidenceSize = kAttestationSize;
inline constexpr std::size_t kMaxEvidenceData = 1024;

// kEvidenceSize octets. Two read operations, no write. Errors: invalid_argument (`data` is empty or above
// kMaxEvidenceData), those of Session::attest_data.
Result<Bytes> make_evidence(rpmb::Session& session, std::string_view space, BytesView data);

using EvidenceVerdict = AttestationVerdict;

// Judges evidence with the chip's key, as verify_attestation() does.
EvidenceVerdict verify_evidence(const crypto::HmacKey& rpmb_key, const rpmb::Ueid& ueid, std::string_view space,
                                BytesView data, BytesView frames);

}  // namespace signet::identity
