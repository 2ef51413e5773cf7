// Runs files of known answers, format "fastpair-vectors/1", against the code that ships: key agreement, every packet
// both ways, key-based pairing by the Provider itself, filters, adverts and messages of the stream.
#pragma once

#include <string_view>

#include "base/result.h"
#include "vectors/report.h"

namespace signet::fastpair {

inline constexpr std::string_view kVectorFormat = "fastpair-vectors/1";

// Compares every expected value of the file in full. Errors: unsupported: another format; invalid_argument: not JSON,
// or not as the format wants it, with the path of the offending value ("groups.passkey[1].notify"), or no vectors in
// it.
Result<vectors::Report> run_vectors(std::string_view json, const vectors::Progress& progress = {});

}  // namespace signet::fastpair
