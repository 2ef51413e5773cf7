// The one place that says which names are allowed.
#pragma once

#include <string_view>

#include "base/result.h"

namespace signet::rpmbd {

inline constexpr std::size_t kMaxNamespace = 32;
inline constexpr std::size_t kMaxName = 64;

// 1 to 32 octets of [A-Za-z0-9._-], not starting with a dot. Error: invalid_argument, names the rule that is broken.
Result<void> check_namespace(std::string_view space);

// The same, up to 64 octets. `what`: "object", "key", "counter".
Result<void> check_name(std::string_view what, std::string_view name);

// What a list may be narrowed to: like a name, but it may be empty.
Result<void> check_prefix(std::string_view prefix);

}  // namespace signet::rpmbd
