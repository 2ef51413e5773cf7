// What the commands beside the daemon do. Each prints what it has done, for people; never a secret.
#pragma once

#include <ostream>

#include "activationd/command_line.h"
#include "activationd/config.h"
#include "base/result.h"

namespace signet::activationd {

Result<void> run_command(const CommandLine& line, const Config& config, std::ostream& out);

}  // namespace signet::activationd
