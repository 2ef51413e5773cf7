// What every file of known answers is: a JSON object that names its format, with sections of entries.
#pragma once

#include <string>
#include <string_view>

#include "rpmb/vectors/json_cursor.h"

namespace signet::rpmb {

// Errors: invalid_argument: no JSON; unsupported: no object, or not of `format`.
Result<boost::json::value> parse_vectors(std::string_view json, std::string_view format);

// Calls `run(entry, "section/i")` for every entry of a section; a section that is not there is empty.
template <class Run>
Result<void> for_each_entry(const JsonCursor& document, std::string_view section, Run run) {
  SIGNET_ASSIGN(const auto at, document.find(section));
  if (!at) return {};
  SIGNET_ASSIGN(const auto entries, at->elements());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    SIGNET_TRY(run(entries[i], std::string{section} + "/" + std::to_string(i)));
  }
  return {};
}

}  // namespace signet::rpmb
