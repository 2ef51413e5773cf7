// Base64 (RFC 4648 section 4) and PEM (RFC 7468).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace signet::ctl {

std::string to_base64(BytesView bytes);

// White space anywhere is ignored; padding is required. Nothing for anything else.
std::optional<Bytes> from_base64(std::string_view text);

std::string to_pem(std::string_view label, BytesView der);

// The first block with this label; nothing when there is none or it is damaged.
std::optional<Bytes> from_pem(std::string_view label, std::string_view text);

}  // namespace signet::ctl
