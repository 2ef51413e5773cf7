// The terminal that somebody sits at, whatever the standard streams are.
#pragma once

#include "base/result.h"
#include "base/secret_bytes.h"

namespace signet::ctl {

// One line, without showing it. Errors: invalid_argument: there is no terminal; cancelled: the end of the input; io.
Result<SecretBuffer> ask_without_echo(const char* question);

}  // namespace signet::ctl
