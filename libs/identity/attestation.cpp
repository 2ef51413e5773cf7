#include "identity/attestation.h"

#include <algorithm>
#include <cstring>

#include "crypto/sha256.h"
#include "rpmb/response.h"
#include "rpmb/store/anchor.h"

namespace signet::identity {
namespace {

using Frames = std::array<rpmb::Frame, kAttestationFrames>;

constexpr std::uint16_t kFirstBlock = 0;

// The octets of frame `index` that no MAC covers.
std::span<std::uint8_t> uncovered(rpmb::Frame& frame, std::size_t index) {
  bool carries_mac = index + 1 >= kAttestedBlocks;  // the last of the read, and the counter's only one
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

Expected expectations(const AttestationLabels& labels, BytesView b) {
  return {.data = {.type = rpmb::response_type(rpmb::Request::read_data),
                   .blocks = kAttestedBlocks,
                   .nonce = attestation_nonce(labels.data, b),
                   .address = kFirstBlock,
                   .counter_before = {}},
          .counter = {.type = rpmb::response_type(rpmb::Request::read_counter),
                      .blocks = 1,
                      .nonce = attestation_nonce(labels.counter, b),
                      .address = {},
                      .counter_before = {}}};
}

// Fills in the facts of the anchors, which the chip has vouched for by now. Either copy will do, as for a mount; none
// may belong to another chip.
std::string judge_anchors(std::span<const rpmb::Frame> blocks, const rpmb::Ueid& ueid, AttestationVerdict& facts) {
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

rpmb::Nonce attestation_nonce(std::string_view label, BytesView b) {
  constexpr std::uint8_t kZero[] = {0};
  const crypto::Digest digest = crypto::sha256({as_bytes(label), kZero, b});
  rpmb::Nonce nonce;
  std::copy_n(digest.begin(), nonce.size(), nonce.begin());
  return nonce;
}

Result<Bytes> make_attestation(rpmb::Session& session, const AttestationLabels& labels, BytesView b) {
  SIGNET_ASSIGN(auto frames, session.attest_data(attestation_nonce(labels.data, b), kFirstBlock, kAttestedBlocks));
  SIGNET_ASSIGN(auto counter, session.attest_counter(attestation_nonce(labels.counter, b)));
  frames.push_back(counter);

  Bytes octets;
  octets.reserve(kAttestationSize);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    std::ranges::fill(uncovered(frames[i], i), std::uint8_t{0});
    append(octets, frames[i]);
  }
  return octets;
}

AttestationVerdict verify_attestation(const crypto::HmacKey& rpmb_key, const rpmb::Ueid& ueid,
                                      const AttestationLabels& labels, BytesView b, BytesView frames) {
  if (frames.size() != kAttestationSize) return {.verdict = "length"};
  Frames all;
  std::memcpy(all.data(), frames.data(), kAttestationSize);
  if (!padding_is_zero(all)) return {.verdict = "padding"};

  const Expected expected = expectations(labels, b);
  auto read = std::span<const rpmb::Frame>{all}.first<kAttestedBlocks>();
  auto counter = std::span<const rpmb::Frame>{all}.last<1>();
  rpmb::Verdict of_data = rpmb::judge(read, rpmb_key, expected.data);
  if (of_data != rpmb::Verdict::accept) return {.verdict = std::string{"data: "} + rpmb::name(of_data)};
  rpmb::Verdict of_counter = rpmb::judge(counter, rpmb_key, expected.counter);
  if (of_counter != rpmb::Verdict::accept) return {.verdict = std::string{"counter: "} + rpmb::name(of_counter)};

  AttestationVerdict verdict;
  verdict.write_counter = rpmb::write_counter(counter.front());
  verdict.verdict = judge_anchors(read, ueid, verdict);
  return verdict;
}

}  // namespace signet::identity
