// The command line of activationd: the daemon, and what an administrator does beside it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "activation/actor.h"
#include "activation/records.h"

namespace signet::activationd {

enum class Command : std::uint8_t {
  serve,
  init,
  credential_add,
  credential_list,
  credential_remove,
  backup,
  restore,
  rotate,
  export_public
};

struct CommandLine {
  Command command = Command::serve;
  std::string config;
  std::string state_dir;
  bool check_config = false;
  bool verbose = false;
  std::string name;  // of a credential
  activation::Role role = activation::Role::vendor;
  std::vector<std::string> models;
  std::string file;  // --output of a credential; backup; "" otherwise
  std::string what;  // of rotate and export: "ca", "registrar", "escrow"
  std::int64_t active_in_days = 0;
};

// Ends the process for --help and --version (status 0) and for a command line it does not understand (status 2).
CommandLine parse_command_line(int argc, char** argv);

}  // namespace signet::activationd
