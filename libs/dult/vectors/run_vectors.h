// Runs files of known answers, format "dult-vectors/1", against the code that ships: identifiers, NFC addresses, what
// each opcode is answered with, and the course of sounds.
#pragma once

#include <string_view>

#include "base/result.h"
#include "vectors/report.h"

namespace signet::dult {

inline constexpr std::string_view kVectorFormat = "dult-vectors/1";

// Compares every expected value of the file in full. Errors: unsupported: another format; invalid_argument: not JSON,
// or not as the format wants it, with the path of the offending value ("groups.opcodes[2].write"), or no vectors in it.
Result<vectors::Report> run_vectors(std::string_view json, const vectors::Progress& progress = {});

}  // namespace signet::dult
