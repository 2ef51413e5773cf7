#include "rpmb/response.h"

#include <algorithm>
#include <cstring>

namespace signet::rpmb {
namespace {

bool every(std::span<const Frame> frames, auto predicate) {
  return std::all_of(frames.begin(), frames.end(), predicate);
}

// A failed answer may have fewer frames than asked for; its first frame says so.
bool failed(const Frame& frame) { return result_code(result(frame)) != ResultCode::ok; }

bool authentic(std::span<const Frame> frames, const crypto::HmacKey& key) {
  return crypto::equal_constant_time(transfer_mac(key, frames), key_mac(frames.back()));
}

Verdict judge_fields(std::span<const Frame> frames, const Expectation& expected) {
  const Frame& last = frames.back();
  if (expected.nonce && !every(frames, [&](const Frame& f) { return std::ranges::equal(nonce(f), *expected.nonce); })) {
    return Verdict::nonce_mismatch;
  }
  if (expected.address && !every(frames, [&](const Frame& f) { return address(f) == *expected.address; })) {
    return Verdict::address_mismatch;
  }
  if (expected.type == response_type(Request::read_data) &&
      !every(frames, [&](const Frame& f) { return block_count(f) == expected.blocks; })) {
    return Verdict::block_count_mismatch;
  }
  if (expected.counter_before && write_counter(last) != *expected.counter_before + 1) return Verdict::counter_mismatch;
  return Verdict::accept;
}

}  // namespace

const char* name(Verdict verdict) {
  switch (verdict) {
    case Verdict::accept: return "accept";
    case Verdict::short_response: return "short_response";
    case Verdict::type_mismatch: return "type_mismatch";
    case Verdict::bad_result_field: return "bad_result_field";
    case Verdict::mac_mismatch: return "mac_mismatch";
    case Verdict::device_result: return "device_result";
    case Verdict::nonce_mismatch: return "nonce_mismatch";
    case Verdict::address_mismatch: return "address_mismatch";
    case Verdict::block_count_mismatch: return "block_count_mismatch";
    case Verdict::counter_mismatch: return "counter_mismatch";
  }
  return "";
}

Verdict judge(std::span<const Frame> frames, const crypto::HmacKey& key, const Expectation& expected) {
  if (frames.empty() || frames.size() != expected.blocks) return Verdict::short_response;
  if (!every(frames, [&](const Frame& f) { return type(f) == expected.type; })) return Verdict::type_mismatch;
  if (!every(frames, [](const Frame& f) { return result(f) <= 0xff; })) return Verdict::bad_result_field;

  const Frame& last = frames.back();
  bool unsigned_answer = expected.type == response_type(Request::program_key) ||
                         result_code(result(last)) == ResultCode::key_not_programmed;
  if (!unsigned_answer && !authentic(frames, key)) return Verdict::mac_mismatch;
  if (!every(frames, [](const Frame& f) { return !failed(f); })) return Verdict::device_result;
  return judge_fields(frames, expected);
}

Verdict judge(BytesView response, const crypto::HmacKey& key, const Expectation& expected) {
  if (response.empty() || response.size() != expected.blocks * kFrameSize) return Verdict::short_response;
  std::vector<Frame> frames(expected.blocks);
  std::memcpy(frames.data(), response.data(), response.size());
  return judge(std::span<const Frame>{frames}, key, expected);
}

}  // namespace signet::rpmb
