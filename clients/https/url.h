// Where a registrar is.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace signet::https {

struct Origin {
  std::string base;       // without a slash at the end; a path is appended to it
  std::string host;       // for people
  bool encrypted = true;  // false: plain HTTP, to this very machine
};

// Errors: invalid_argument, with the rule: an absolute https URL (http only to 127.0.0.0/8, [::1] or localhost) without
// user, password, query or fragment.
Result<Origin> parse_origin(const std::string& url);

// For one segment of a path or one value of a query.
std::string escaped(std::string_view text);

}  // namespace signet::https
