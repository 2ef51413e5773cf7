// Binary data in and out: a file, or the standard streams. Never an argument: arguments are visible to every process.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/secret_bytes.h"
#include "signetctl/session.h"

namespace signet::ctl {

inline constexpr std::size_t kMaxInput = 16 * 1024 * 1024;  // the largest RPMB partition there is

// The whole of file `path`, or of the standard input when `path` is empty or "-". Throws Failed: not_found,
// access_denied, io, too_large.
SecretBuffer read_input(Session& session, const std::string& path, std::size_t limit = kMaxInput);

struct Destination {
  std::string path;    // empty or "-": the standard output
  bool hex = false;    // as hexadecimal digits and a line end
  bool force = false;  // binary data on a terminal, too
};

// Writes `bytes` as they are. A new file is made with mode 0600. Throws Failed: invalid_argument (binary data would go
// to a terminal), access_denied, not_found, no_space, io.
void write_output(Session& session, const Destination& destination, BytesView bytes);

}  // namespace signet::ctl
