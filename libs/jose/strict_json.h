// JSON from strangers (RFC 8259): no member twice, whose readers might disagree about which of the two counts, and no
// deep nesting.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "base/result.h"

namespace signet::jose {

inline constexpr std::size_t kMaxJsonDepth = 8;

// Error: invalid_argument, "is not JSON: ...", "is not an object", "has the member \"aud\" twice".
Result<boost::json::object> parse_json_object(std::string_view text);

// The octets of the value of member `index` (in the order of the text) of an object that parse_json_object() took, for
// those who must not write it anew.
std::string_view raw_member(std::string_view object, std::size_t index);

}  // namespace signet::jose
