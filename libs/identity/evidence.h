// Proof that the chip answered: raw authenticated frames whose nonces are derived from what is proven, never chosen by a caller
// (identity protocol section 4; labels "signet-evidence-v1 ...").
#pragma once

#include <string>

#include "base/result.h"
#include "crypto/hmac.h"
#include "rpmb/session.h"
#include "rpmb/store/store.h"

namespace signet::identity {

inline constexpr std::size_t kEvidenceFrames = 5;  // blocks 0-3, then the counter
inline constexpr std::size_t kMaxEvidenceData = 1024;

// Errors: invalid_argument (data empty or above kMaxEvidenceData), those of Session::attest_data.
Result<Bytes> make_evidence(rpmb::Session& session, std::string_view space, BytesView data);

struct EvidenceVerdict {
  std::string verdict;  // "ok", or why not: "length", "data: nonce_mismatch", "counter: mac_mismatch", "anchor", "ueid" ...
  std::uint32_t write_counter = 0;
  rpmb::StoreId store_id{};
  rpmb::Ueid ueid{};
};
// Judges evidence with the chip's key. `ueid`: the one the anchors must carry. Never fails: whatever the octets, there is a verdict.
EvidenceVerdict verify_evidence(const crypto::HmacKey& rpmb_key, const rpmb::Ueid& ueid, std::string_view space, BytesView data,
                                BytesView frames);

}  // namespace signet::identity
