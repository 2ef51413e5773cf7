// fmdnd: makes this device a Find My Device Network accessory (fmdnd(8)).
#include <cstdlib>

#include "fmdnd/run.h"
#include "service/log.h"

int main(int argc, char* argv[]) try {
  const auto options = signet::service::parse_options(signet::fmdnd::program(), argc, argv);
  signet::service::start_logging("fmdnd", options.verbose);
  signet::fmdnd::run(options, signet::fmdnd::system_times());
} catch (const std::exception& failure) {
  signet::service::log_event(signet::service::Severity::error, failure.what());
  return EXIT_FAILURE;  // the unit's Restart= decides what happens next
}
