// Hexadecimal text, lower case, no separators.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace signet {

std::string to_hex(BytesView bytes);

// Accepts upper and lower case. Nothing for an odd length or any other character.
std::optional<Bytes> from_hex(std::string_view text);

}  // namespace signet
