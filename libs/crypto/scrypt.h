// scrypt (RFC 7914): keys out of pass phrases, at a cost in time and memory that guessing has to pay, too.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace signet::crypto {

// Takes 128 * block_size * 2^log2_n octets of memory.
struct ScryptCost {
  std::uint8_t log2_n = 16;
  std::uint8_t block_size = 8;
  std::uint8_t parallel = 1;
  bool operator==(const ScryptCost&) const = default;
};

// Fills `out`. False when the cost is none that scrypt has, or the memory is not to be had.
[[nodiscard]] bool scrypt(BytesView pass_phrase, BytesView salt, const ScryptCost& cost, std::span<std::uint8_t> out);

}  // namespace signet::crypto
