// A chip with a key, both anchors and a counter of 7.
#pragma once

#include <numeric>

#include "identity/derivation.h"
#include "rpmb/store/anchor.h"
#include "rpmb/testing/fake_chip.h"

namespace signet::identity {

inline rpmb::ChipKey key_octets(std::uint8_t first) {
  rpmb::ChipKey key;
  std::iota(key.begin(), key.end(), first);
  return key;
}

inline Ueid ueid_of(std::uint8_t filler) {
  Ueid ueid;
  ueid.fill(filler);
  ueid.front() = 0x01;
  return ueid;
}

inline rpmb::ChipState formatted_chip(const Ueid& ueid, const rpmb::ChipKey& key = key_octets(0)) {
  rpmb::ChipState state = rpmb::blank_chip(1, 2);
  state.registers.key = key;
  state.registers.write_counter = 7;
  rpmb::Anchor anchor{.slot_blocks = 2, .burst_blocks = 2, .region_blocks = 512, .counter_after = 1};
  anchor.store_id.fill(0x5d);
  anchor.ueid = ueid;
  for (std::uint16_t copy : rpmb::kAnchorCopies) state.memory[copy] = rpmb::encode(anchor, SecretBytes<32>{});
  return state;
}

}  // namespace signet::identity
