// A key as files hold it.
#pragma once

#include <optional>

#include "base/secret_bytes.h"

namespace signet::finder {

// `size` raw octets, or twice as many hexadecimal digits and white space. Nothing for anything else, nor for `size`
// hexadecimal digits: they are a shorter key, not octets that happen to be digits.
std::optional<SecretBuffer> key_octets(BytesView content, std::size_t size);

}  // namespace signet::finder
