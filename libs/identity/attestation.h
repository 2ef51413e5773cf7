// Answers of the chip to nonces that follow from what is proven and are never chosen by a caller (docs/identity.md,
// "Evidence"). For octets B and two labels:
//   N1 = SHA-256(label for data || 0x00 || B)[0..15]: for 4 answer frames of one read of blocks 0-3;
//   N2 = SHA-256(label for counter || 0x00 || B)[0..15]: for the answer frame of a counter read.
// Evidence and tickets have labels of their own, so that neither can serve as the other.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/hmac.h"
#include "rpmb/session.h"
#include "rpmb/store/store.h"

namespace signet::identity {

inline constexpr std::uint16_t kAttestedBlocks = 4;
inline constexpr std::size_t kAttestationFrames = kAttestedBlocks + 1;
inline constexpr std::size_t kAttestationSize = kAttestationFrames * rpmb::kFrameSize;

struct AttestationLabels {
  std::string_view data;
  std::string_view counter;
};

rpmb::Nonce attestation_nonce(std::string_view label, BytesView b);

// kAttestationSize octets. Those that no MAC covers (the stuff octets, and the MAC field of the frames before the last
// of a read) are zeroed: the chip vouches for every octet that remains, and an attestation has one form only. Two read
// operations, no write. Errors: those of Session::attest_data.
Result<Bytes> make_attestation(rpmb::Session& session, const AttestationLabels& labels, BytesView b);

struct AttestationVerdict {
  // "ok", or the first check that failed: "length", "padding" (an octet is not zero that no MAC covers), "data: " or
  // "counter: " and the name of a rpmb::Verdict, "anchor" (no copy is readable), "ueid" (the anchors are another
  // chip's).
  std::string verdict;
  // Meaningful when ok.
  std::uint32_t write_counter = 0;
  rpmb::StoreId store_id{};
  rpmb::Ueid ueid{};

  [[nodiscard]] bool ok() const { return verdict == "ok"; }
};

// Judges with the chip's key. `ueid`: the one that the anchors must carry. Never fails: whatever the octets, there is a
// verdict. Pure; says nothing of when the chip answered, that is for the freshness of B to show.
AttestationVerdict verify_attestation(const crypto::HmacKey& rpmb_key, const rpmb::Ueid& ueid,
                                      const AttestationLabels& labels, BytesView b, BytesView frames);

}  // namespace signet::identity
