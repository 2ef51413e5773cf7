// The whole daemon, but for its command line.
#pragma once

#include "fmdnd/clock_keeper.h"
#include "service/options.h"

namespace signet::fmdnd {

// What `--help` says, and where things are when the command line does not.
service::Program program();

// Runs until SIGTERM; returns at once when the configuration is only to be judged. `times`: what the beacon's clock
// counts, system_times() in everyday life. Throws when it cannot start.
void run(const service::Options& options, const Times& times);

}  // namespace signet::fmdnd
