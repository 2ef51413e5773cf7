// Runs another program on a secret, without a shell, a file or an argument that would show it.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"

namespace signet::provision {

inline constexpr std::size_t kMaxOutput = 64 * 1024;

// Runs `command` (found through PATH) with `input` as its standard input and answers with its standard output. Its
// standard error is ours. Blocks until it has ended. `input` must fit a socket buffer (16 KiB always do). Errors:
// unsupported: it is not there; config_invalid: it failed, or printed more than kMaxOutput; io.
Result<SecretBuffer> run(const std::vector<std::string>& command, BytesView input);

}  // namespace signet::provision
