// SHA-256 (FIPS 180-4), one shot.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace signet::crypto {

inline constexpr std::size_t kSha256Size = 32;
using Digest = std::array<std::uint8_t, kSha256Size>;

Digest sha256(BytesView data);
Digest sha256(std::initializer_list<BytesView> parts);  // of the concatenation

}  // namespace signet::crypto
