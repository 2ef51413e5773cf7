// An error by the name that users and programs read.
#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"

namespace signet {

// The inverse of name(): "wrong_key". Nothing for what is not in the list.
std::optional<Errc> error_by_name(std::string_view name);

}  // namespace signet
