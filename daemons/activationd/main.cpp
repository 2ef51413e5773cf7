// activationd: registers devices and verifies their tickets, over HTTPS (activationd(8)).
#include <cstdlib>
#include <iostream>

#include "activationd/command_line.h"
#include "activationd/commands.h"
#include "activationd/serve.h"
#include "service/harden.h"
#include "service/log.h"
#include "service/must.h"

namespace signet::activationd {
namespace {

int run(const CommandLine& line) {
  const auto config = service::must(load_config(line.config));
  if (line.check_config) return EXIT_SUCCESS;
  if (line.command == Command::serve) {
    serve(line, config);
    return EXIT_SUCCESS;
  }
  service::harden_process();
  const auto done = run_command(line, config, std::cout);
  if (done) return EXIT_SUCCESS;
  std::cerr << "activationd: " << to_string(done.error()) << '\n';
  return static_cast<int>(done.error().code);
}

}  // namespace
}  // namespace signet::activationd

int main(int argc, char* argv[]) try {
  const auto line = signet::activationd::parse_command_line(argc, argv);
  signet::service::start_logging("activationd", line.verbose);
  return signet::activationd::run(line);
} catch (const std::exception& failure) {
  signet::service::log_event(signet::service::Severity::error, failure.what());
  return EXIT_FAILURE;  // the unit's Restart= decides what happens next
}
