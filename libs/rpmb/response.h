// Judges the answer of a chip: the one place that decides whether to believe it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "rpmb/frame.h"

namespace signet::rpmb {

// In the order in which the checks are made; the first that fails is the verdict.
enum class Verdict : std::uint8_t {
  accept,
  short_response,    // not `blocks` whole frames
  type_mismatch,     // a frame is not the answer to this request
  bad_result_field,  // the high octet of the result is not zero
  mac_mismatch,      // does not authenticate: forged, damaged, or another key
  device_result,     // the chip says no; authenticated unless the code is key_not_programmed or the request 0x0001
  nonce_mismatch,    // the answer to another request
  address_mismatch,
  block_count_mismatch,
  counter_mismatch,  // a write that did not take the counter exactly one further
};
const char* name(Verdict verdict);

struct Expectation {
  std::uint16_t type = 0;                       // response_type() of the request
  std::uint16_t blocks = 1;                     // frames in the answer
  std::optional<Nonce> nonce;                   // read operations
  std::optional<std::uint16_t> address;         // data reads and writes
  std::optional<std::uint32_t> counter_before;  // writes: the answer must carry this value + 1
};

// `response`: octets as they came, any length. Answers of type 0x0100 and those with code key_not_programmed carry no
// MAC and are never authentic: device_result (or accept, for 0x0100) says what they claim, no more.
Verdict judge(BytesView response, const crypto::HmacKey& key, const Expectation& expected);
Verdict judge(std::span<const Frame> response, const crypto::HmacKey& key, const Expectation& expected);

}  // namespace signet::rpmb
