#include "service/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "service/usage.h"

namespace signet::service {

Options parse_options(const Program& program, int argc, char** argv) {
  Options options{.config = program.default_config, .state_dir = program.default_state_dir};
  CLI::App app{program.purpose, program.name};
  app.set_version_flag("--version", program.name + " (Signet) " + program.version);
  app.add_option("--config", options.config, "configuration file")->type_name("FILE")->capture_default_str();
  app.add_option("--state-dir", options.state_dir, "where records are kept")->type_name("DIR")->capture_default_str();
  app.add_flag("--check-config", options.check_config, "judge the configuration and leave");
  app.add_flag("--verbose", options.verbose, "log details as well");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(end_parsing(app, error));
  }
  return options;
}

}  // namespace signet::service
