// The daemon itself.
#pragma once

#include "activationd/command_line.h"
#include "activationd/config.h"

namespace signet::activationd {

// Returns after SIGTERM or SIGINT. Throws service::StartFailure when it cannot start.
void serve(const CommandLine& line, const Config& config);

}  // namespace signet::activationd
