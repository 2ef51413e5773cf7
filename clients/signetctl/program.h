// Runs another program and takes what it prints.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace signet::ctl {

struct ProgramOutput {
  int status = 0;    // exit status
  std::string text;  // standard output and error together, at most 64 KiB
};

// `command`: the program, looked for in PATH, and its arguments; no shell. Nothing when it cannot be run, dies of a
// signal, or takes longer than `limit` (it is then killed).
std::optional<ProgramOutput> run_program(const std::vector<std::string>& command,
                                         std::chrono::milliseconds limit = std::chrono::seconds{5});

}  // namespace signet::ctl
