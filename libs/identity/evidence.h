// Proof that the chip answered: authenticated frames whose nonces are derived from what is proven, never chosen by a
// caller (identity protocol section 4). With B = namespace || 0x00 || data:
//   N1 = SHA-256("signet-evidence-v1 data" || 0x00 || B)[0..15]: for 4 answer frames of one read of blocks 0-3;
//   N2 = SHA-256("signet-evidence-v1 counter" || 0x00 || B)[0..15]: for the answer frame of a counter read.
// No label is shared with tickets, so that evidence can never serve as a factor of one.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/hmac.h"
#include "rpmb/session.h"
#include "rpmb/store/store.h"

namespace signet::identity {

inline constexpr std::uint16_t kEvidenceBlocks = 4;
inline constexpr std::size_t kEvidenceFrames = kEvidenceBlocks + 1;
inline constexpr std::size_t kEvidenceSize = kEvidenceFrames * rpmb::kFrameSize;
inline constexpr std::size_t kMaxEvidenceData = 1024;

// kEvidenceSize octets. Those that no MAC covers (the stuff octets, and the MAC field of the frames before the last of
// a read) are zeroed: the chip vouches for every octet that remains, and evidence has one form only. Two read
// operations, no write. Errors: invalid_argument (`data` is empty or above kMaxEvidenceData), those of
// Session::attest_data.
Result<Bytes> make_evidence(rpmb::Session& session, std::string_view space, BytesView data);

struct EvidenceVerdict {
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

// Judges evidence with the chip's key. `ueid`: the one that the anchors must carry. Never fails: whatever the octets,
// there is a verdict. Pure; says nothing of when the chip answered, that is for the freshness of `data` to show.
EvidenceVerdict verify_evidence(const crypto::HmacKey& rpmb_key, const rpmb::Ueid& ueid, std::string_view space,
                                BytesView data, BytesView frames);

}  // namespace signet::identity
