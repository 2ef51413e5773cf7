// Runs files of known answers, format "identity-vectors/1", against the code that ships: derivations, digests, nonces,
// and tickets with what is to be said of each.
#pragma once

#include <string_view>

#include "base/result.h"
#include "vectors/report.h"

namespace signet::identity {

inline constexpr std::string_view kVectorFormat = "identity-vectors/1";

// Compares every expected value of the file in full. Errors: unsupported: another format; invalid_argument: not JSON,
// or not as the format wants it, with the path of the offending value ("tickets[2].expect.parse"), or no vectors in it.
Result<vectors::Report> run_vectors(std::string_view json, const vectors::Progress& progress = {});

}  // namespace signet::identity
