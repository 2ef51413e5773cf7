// Runs files of known answers, format "fmdn-vectors/1", against the code that ships.
#pragma once

#include <string_view>

#include "base/result.h"
#include "vectors/report.h"

namespace signet::fmdn {

inline constexpr std::string_view kVectorFormat = "fmdn-vectors/1";

// Compares every expected value of the file in full; the group "tolerances" has none. Errors: unsupported: another
// format; invalid_argument: not JSON, or not as the format wants it, with the path of the offending value, or no
// vectors in it.
Result<vectors::Report> run_vectors(std::string_view json, const vectors::Progress& progress = {});

}  // namespace signet::fmdn
