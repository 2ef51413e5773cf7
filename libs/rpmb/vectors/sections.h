// The sections of an "rpmb-vectors/1" document. Internal to the runner of vectors.
#pragma once

#include "rpmb/frame.h"
#include "vectors/document.h"

namespace signet::rpmb {

using vectors::JsonCursor;
using vectors::Recorder;

// What the document leaves to the chip, by the conventions that stand in it.
struct VectorConventions {
  bool failed_read = false;  // the data and the number of frames of a failed read
};

Result<void> run_codec(const JsonCursor& entry, const std::string& name, Recorder& recorder);
Result<void> run_mac(const JsonCursor& entry, const std::string& name, Recorder& recorder);
Result<void> run_case(const JsonCursor& entry, const VectorConventions& conventions, Recorder& recorder);
Result<void> run_host(const JsonCursor& entry, Recorder& recorder);

// From hex.
Result<std::vector<Frame>> frames_in(const JsonCursor& at);

// The first octet in which two transfers differ, in words with the field it belongs to; empty when they are equal.
std::string difference(std::span<const Frame> expected, std::span<const Frame> actual);

}  // namespace signet::rpmb
