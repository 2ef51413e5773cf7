// Files that are there whole or not at all, whenever the power goes.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace signet {

// The content of `path` is replaced at once and is on the disk afterwards; mode 0600. What lies at `path`.new is lost.
// After an error the old content is there; unless it names the fsync of the directory, which comes last: then the new
// content is there, and may give way to the old one when the power goes. Errors: no_space; io; each names the call.
Result<void> replace_file(const std::string& path, BytesView content);

// Names that were made in this directory survive a power cut.
Result<void> sync_directory(const std::string& path);

// no_space or io, from errno: "create /x: No space left on device".
Failure system_failure(const std::string& what);

}  // namespace signet
