// PEM (RFC 7468), and base64 as people paste it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace signet::ctl {

// Padded base64; white space anywhere is ignored. Nothing for anything else.
std::optional<Bytes> from_base64_lines(std::string_view text);

std::string to_pem(std::string_view label, BytesView der);

// The first block with this label; nothing when there is none or it is damaged.
std::optional<Bytes> from_pem(std::string_view label, std::string_view text);

}  // namespace signet::ctl
