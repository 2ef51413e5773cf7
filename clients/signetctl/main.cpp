#include <unistd.h>

#include <iostream>

#include "signetctl/run.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const signet::ctl::Io io{.in = std::cin,
                           .out = std::cout,
                           .err = std::cerr,
                           .in_is_terminal = ::isatty(STDIN_FILENO) == 1,
                           .out_is_terminal = ::isatty(STDOUT_FILENO) == 1,
                           .err_is_terminal = ::isatty(STDERR_FILENO) == 1};
  return signet::ctl::run(io, {argv + 1, argv + argc});
}
