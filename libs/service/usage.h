// How every program of Signet beside signetctl ends when its command line asks for help or is wrong.
#pragma once

#include <CLI/CLI.hpp>

namespace signet::service {

// Prints help or version to the standard output, or what is wrong, behind the name of the program, to standard error.
// Returns the exit status: 0 or 2.
int end_parsing(const CLI::App& app, const CLI::ParseError& ended);

}  // namespace signet::service
