// signetctl from its arguments to its exit status.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "signetctl/session.h"

namespace signet::ctl {

// All commands; the chosen one is left in session.action. `session` must outlive the parser.
std::unique_ptr<CLI::App> make_parser(Session& session);

// Parses, runs, and reports what goes wrong. `arguments` without the program's name. Never throws.
int run(Io io, std::vector<std::string> arguments);

}  // namespace signet::ctl
