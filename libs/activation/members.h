// Members of a JSON object that somebody else has written; errors name the member and the rule.
#pragma once

#include <array>
#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace signet::activation {

// Error: invalid_argument: not JSON, nested too deeply, or not an object.
Result<boost::json::object> parse_object(std::string_view text, std::string_view what);

// Errors: invalid_argument.
Result<std::string> text_member(const boost::json::object& object, std::string_view name);
// base64url of exactly out.size() octets.
Result<void> octets_member(const boost::json::object& object, std::string_view name, std::span<std::uint8_t> out);
Result<boost::json::object> object_member(const boost::json::object& object, std::string_view name);

}  // namespace signet::activation
