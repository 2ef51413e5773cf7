// Where things stand in the region, and how much fits into a record. docs/store-format.md draws it.
#pragma once

#include <cstdint>

#include "rpmb/frame.h"

namespace signet::rpmb {

inline constexpr std::uint8_t kFormatVersion = 1;
inline constexpr std::uint16_t kAnchorCopies[] = {0, 2};  // block addresses of the anchor and of its copy
inline constexpr std::uint16_t kFirstSlot = 4;            // block address
inline constexpr std::uint16_t kBurstBlocks = 32;

// Sizes in octets of what surrounds the payload of a record.
inline constexpr std::size_t kRecordHeader = 24;  // magic, type, blocks, reserved, counter after, nonce
inline constexpr std::size_t kRecordTag = 16;
inline constexpr std::size_t kBatchIdSize = 16;
inline constexpr std::size_t kPartHeader = kBatchIdSize + 2 + 2;  // batch, index, length
inline constexpr std::size_t kCommitHeader = 2 + 4;  // parts, blob size; then the batch id if there are parts

struct Layout {
  std::uint32_t region_blocks = 0;
  std::uint16_t slot_blocks = 0;  // 1 or 2
  bool bursts = false;            // the chip writes 32 blocks in one request

  [[nodiscard]] std::uint32_t slots() const { return (region_blocks - kFirstSlot) / slot_blocks; }
  [[nodiscard]] std::uint16_t block_of(std::uint32_t slot) const {
    return static_cast<std::uint16_t>(kFirstSlot + slot * slot_blocks);
  }
  [[nodiscard]] std::uint32_t slot_of(std::uint16_t block) const {
    return (block - std::uint32_t{kFirstSlot}) / slot_blocks;
  }
  [[nodiscard]] std::uint32_t slots_in(std::uint16_t blocks) const { return blocks / std::uint32_t{slot_blocks}; }

  // Payload of a record of `blocks` blocks.
  static constexpr std::size_t body(std::uint16_t blocks) { return blocks * kBlockSize - kRecordHeader - kRecordTag; }
  static constexpr std::size_t part(std::uint16_t blocks) { return body(blocks) - kPartHeader; }
  static constexpr std::size_t commit(std::uint16_t blocks, bool has_parts) {
    return body(blocks) - kCommitHeader - (has_parts ? kBatchIdSize : 0);
  }
  [[nodiscard]] std::uint32_t max_object() const { return region_blocks * static_cast<std::uint32_t>(kBlockSize) / 4; }
};

}  // namespace signet::rpmb
