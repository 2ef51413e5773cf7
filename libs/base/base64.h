// Base64 (RFC 4648), strict: text that is not the one encoding of its octets is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace signet {

std::string to_base64(BytesView octets);     // section 4: padded, no line breaks
std::string to_base64url(BytesView octets);  // section 5: unpadded

// Nothing for any other octet, for padding that is missing or superfluous, and for spare bits that are not zero.
std::optional<Bytes> from_base64(std::string_view text);
std::optional<Bytes> from_base64url(std::string_view text);

}  // namespace signet
