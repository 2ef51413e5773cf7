// Runs files of known answers, format "rpmb-vectors/1", against the code that ships: the frame codec, the MAC, the
// judge of answers and the emulated chip.
#pragma once

#include <string_view>

#include "base/result.h"
#include "vectors/report.h"

namespace signet::rpmb {

inline constexpr std::string_view kVectorFormat = "rpmb-vectors/1";

// Compares every expected value of the file in full. Only what the file's own conventions leave to the chip is not
// compared octet by octet: under "failed_read" the data and the number of frames of a failed read, whose MAC must then
// fit itself; under "result_any_of" the result, where every code listed must be one that an emulated chip (standard or
// as QEMU's) answers.
//
// Errors: unsupported: another format; invalid_argument: not JSON, or not as the format wants it, with the path of the
// offending value within the document ("cases[2].steps[0].result"), or no vectors in it at all.
Result<vectors::Report> run_vectors(std::string_view json, const vectors::Progress& progress = {});

}  // namespace signet::rpmb
