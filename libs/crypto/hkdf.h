// HKDF-SHA256 (RFC 5869), extract and expand.
#pragma once

#include <span>
#include <string_view>

#include "base/bytes.h"

namespace signet::crypto {

// Fills `out` (at most 255 * 32 octets) from `secret`, `salt` and `info`.
void hkdf_sha256(BytesView secret, BytesView salt, std::string_view info, std::span<std::uint8_t> out);

}  // namespace signet::crypto
