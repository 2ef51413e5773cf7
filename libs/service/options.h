// The command line of the daemons that serve the bus, rpmbd and fmdnd; activationd has commands and so its own.
#pragma once

#include <string>

namespace signet::service {

struct Program {
  std::string name;     // "rpmbd"
  std::string version;  // "0.1.0"
  std::string purpose;  // one sentence for --help
  std::string default_config;
  std::string default_state_dir;
};

struct Options {
  std::string config;
  std::string state_dir;
  bool check_config = false;  // judge the configuration and leave
  bool verbose = false;
};

// Ends the process for --help and --version (status 0) and for a command line it does not understand (status 2).
Options parse_options(const Program& program, int argc, char** argv);

}  // namespace signet::service
