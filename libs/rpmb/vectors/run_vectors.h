// Runs files of known answers, format "rpmb-vectors/1", against the code that ships: the frame codec, the MAC, the
// judge of answers and the emulated chip.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace signet::rpmb {

// One check: a codec entry in one direction, a MAC, one step of a case, one answer that a host judges.
struct VectorCheck {
  std::string name;    // "cases/write_negative/step 3"
  std::string reason;  // what differs, one line; empty when it passed
  [[nodiscard]] bool passed() const { return reason.empty(); }
};

struct VectorReport {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::vector<VectorCheck> failures;
};

// The format that a document names; empty when it names none or is not JSON.
std::string vector_format(std::string_view json);

using VectorProgress = std::function<void(const VectorCheck&)>;  // called after every check

// Compares every expected value of the file in full. Only what the file's own conventions leave to the chip is not
// compared octet by octet: under "failed_read" the data and the number of frames of a failed read, whose MAC must then
// fit itself; under "result_any_of" the result, where every code listed must be one that an emulated chip (standard or
// as QEMU's) answers.
//
// Errors: unsupported: another format; invalid_argument: not JSON, or not as the format wants it, with the path of the
// offending value within the document ("cases[2].steps[0].result"), or no vectors in it at all.
Result<VectorReport> run_vectors(std::string_view json, const VectorProgress& progress = {});

}  // namespace signet::rpmb
