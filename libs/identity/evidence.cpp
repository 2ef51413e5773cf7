#include "identity/evidence.h"

#include <algorithm>
#include <cstring>

#include "crypto/sha256.h"
#include "rpmb/response.h"
#include "rpmb/store/anchor.h"

namespace signet::identity {
namespace {

using Frames = std::array<rpmb::Frame, kEvidenceFrames>;

constexpr std::string_view kDataLabel = "signet-evidence-v1 data";
constexpr std::string_view kCounterLabel = "signet-evidence-v1 counter";
constexpr std::uint16_t kFirstBlock = 0;

rpmb::Nonce derive_nonce(std::string_view label, std::string_view space, BytesView data) {
  constexpr std::uint8_t kZero[] = {0};
  crypto::Digest digest = crypto::sha256({as_bytes(label), kZero, as_bytes(space), kZero, data});
  rpmb::Nonce nonce;
  std::copy_n(digest.begin(), nonce.size(), nonce.begin());
  return nonce;
}

// The octets of frame `index` that no MAC covers.
std::span<std::uint8_t> uncovered(rpmb::Frame& frame, std::size_t index) {
  bool carries_mac = index + 1 >= kEvidenceBlocks;  // the last of the read, and the counter's only one
  return std::span{frame}.first(carries_mac ? rpmb::at::kKeyMac : rpmb::at::kData);
}

bool padding_is_zero(Frames& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (!std::ranges::all_of(uncovered(frames[i], i), [](std::uint8_t octet) { return octet == 0; })) return false;
  }
  return true;
}

struct Expected {
  rpmb::Expectation data;
  rpmb::Expectation counter;
};

Expected expectations(std::string_view space, BytesView data) {
  return {.data = {.type = rpmb::response_type(rpmb::Request::read_data),
                   .blocks = kEvidenceBlocks,
                   .nonce = derive_nonce(kDataLabel, space, data),
                   .address = kFirstBlock,
                   .counter_before = {}},
          .counter = {.type = rpmb::response_type(rpmb::Request::read_counter),
                      .blocks = 1,
                      .nonce = derive_nonce(kCounterLabel, space, data),
                      .address = {},
                      .counter_before = {}}};
}

// Fills in the facts of the anchors, which the chip has vouched for by now. Either copy will do, as for a mount; none
// may belong to another chip.
std::string judge_anchors(std::span<const rpmb::Frame> blocks, const rpmb::Ueid& ueid, EvidenceVerdict& facts) {
  bool found = false;
  for (std::uint16_t copy : rpmb::kAnchorCopies) {
    std::optional<rpmb::Anchor> anchor = rpmb::parse_anchor(rpmb::payload(blocks[copy]));
    if (!anchor || anchor->version != rpmb::kFormatVersion) continue;
    if (anchor->ueid != ueid) return "ueid";
    if (!found) facts.store_id = anchor->store_id;
    found = true;
  }
  facts.ueid = ueid;
  return found ? "ok" : "anchor";
}

}  // namespace

Result<Bytes> make_evidence(rpmb::Session& session, std::string_view space, BytesView data) {
  if (data.empty() || data.size() > kMaxEvidenceData) {
    return fail(Errc::invalid_argument, "evidence over " + std::to_string(data.size()) + " octets; it takes 1 to " +
                                            std::to_string(kMaxEvidenceData));
  }
  SIGNET_ASSIGN(auto blocks, session.attest_data(derive_nonce(kDataLabel, space, data), kFirstBlock, kEvidenceBlocks));
  SIGNET_ASSIGN(auto counter, session.attest_counter(derive_nonce(kCounterLabel, space, data)));
  blocks.push_back(counter);

  Bytes evidence;
  evidence.reserve(kEvidenceSize);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    std::ranges::fill(uncovered(blocks[i], i), std::uint8_t{0});
    append(evidence, blocks[i]);
  }
  return evidence;
}

EvidenceVerdict verify_evidence(const crypto::HmacKey& rpmb_key, const rpmb::Ueid& ueid, std::string_view space,
                                BytesView data, BytesView frames) {
  if (frames.size() != kEvidenceSize) return {.verdict = "length"};
  Frames all;
  std::memcpy(all.data(), frames.data(), kEvidenceSize);
  if (!padding_is_zero(all)) return {.verdict = "padding"};

  Expected expected = expectations(space, data);
  auto read = std::span<const rpmb::Frame>{all}.first<kEvidenceBlocks>();
  auto counter = std::span<const rpmb::Frame>{all}.last<1>();
  rpmb::Verdict of_data = rpmb::judge(read, rpmb_key, expected.data);
  if (of_data != rpmb::Verdict::accept) return {.verdict = std::string{"data: "} + rpmb::name(of_data)};
  rpmb::Verdict of_counter = rpmb::judge(counter, rpmb_key, expected.counter);
  if (of_counter != rpmb::Verdict::accept) return {.verdict = std::string{"counter: "} + rpmb::name(of_counter)};

  EvidenceVerdict verdict;
  verdict.write_counter = rpmb::write_counter(counter.front());
  verdict.verdict = judge_anchors(read, ueid, verdict);
  return verdict;
}

}  // namespace signet::identity
