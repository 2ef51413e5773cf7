// The anchor: what a region holds and whose it is. One block, written twice at format and never again.
#pragma once

#include <cstdint>
#include <optional>

#include "base/secret_bytes.h"
#include "rpmb/frame.h"
#include "rpmb/store/layout.h"
#include "rpmb/store/store.h"

namespace signet::rpmb {

struct Anchor {
  std::uint8_t version = kFormatVersion;
  std::uint8_t slot_blocks = 0;
  std::uint8_t burst_blocks = 0;  // 32, or equal to slot_blocks
  std::uint32_t region_blocks = 0;
  std::uint32_t counter_after = 0;  // the chip's counter once this copy is written
  StoreId store_id{};
  Ueid ueid{};

  [[nodiscard]] Layout layout() const { return {region_blocks, slot_blocks, burst_blocks == kBurstBlocks}; }
};

// Octets of the block (integers big-endian): 0 magic "SGA1", 4 version, 5 slot blocks, 6 burst blocks, 7 zero, 8 region
// blocks (4), 12 counter after (4), 16 store id (32), 48 ueid (33), 81 zeros, 224 HMAC-SHA256 over 0..223 (32).
// The MAC's key is derived from the store key.
Block encode(const Anchor& anchor, const SecretBytes<32>& store_key);

// Nothing without the magic. Checks no MAC: for evidence, whose verifier has no store key, and to find the store id.
std::optional<Anchor> parse_anchor(std::span<const std::uint8_t, kBlockSize> block);

// Whether the block was made with this store key.
bool authentic_anchor(std::span<const std::uint8_t, kBlockSize> block, const SecretBytes<32>& store_key);

}  // namespace signet::rpmb
