// rpmbd: owns the RPMB partition of this device and offers it on D-Bus (rpmbd(8)).
#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdlib>
#include <iostream>

#include "ipc/dbus/system_bus.h"
#include "rpmbd/chip_adaptor.h"
#include "rpmbd/counters_adaptor.h"
#include "rpmbd/evidence_adaptor.h"
#include "rpmbd/identity_adaptor.h"
#include "rpmbd/keys_adaptor.h"
#include "rpmbd/lookout.h"
#include "rpmbd/overcommit.h"
#include "rpmbd/reload.h"
#include "rpmbd/state_adaptor.h"
#include "rpmbd/store_adaptor.h"
#include "rpmbd/surroundings.h"
#include "service/harden.h"
#include "service/log.h"
#include "service/must.h"
#include "service/options.h"
#include "service/watchdog.h"

namespace signet::rpmbd {
namespace {

// [bus] -> adaptors -> Desk -> Lane -> Core -> Transport -> [chip]; one thread, but for what the lane hands to its
// worker.
void run(const service::Options& options) {
  const auto config = service::must(load_config(options.config));
  auto registrar = load_registrar(config.registrar);
  if (options.check_config && config.registrar) service::must(std::move(registrar));
  if (options.check_config) return;
  service::harden_process();
  boost::asio::io_context loop{1};

  const SystemClock clock;
  crypto::SystemRandom random;
  const ProvisioningRecords records{options.state_dir + "/provisioning"};
  Core core{chip_sources(config, options.state_dir, records, random, clock), config.wear.writes_per_day,
            config.root.survives_reflash, std::move(registrar)};

  const SystemUsers users;
  Policy policy{config.clients, users};
  const auto bus = dbus::connect_system_bus();
  dbus::AsioBus pump{loop, *bus};
  Callers callers{*bus, policy, clock};
  StatusBoard board;
  Lane lane{loop, [&core, &board] { board.post(core.chip.status()); }};
  Desk desk{callers, lane, core, board, pump};

  const StateAdaptor state{*bus, desk, board, policy, config.wear.budget};
  const ChipAdaptor chip{*bus, desk};
  const StoreAdaptor store{*bus, desk};
  const KeysAdaptor keys{*bus, desk};
  const CountersAdaptor counters{*bus, desk};
  const EvidenceAdaptor evidence{*bus, desk};
  const IdentityAdaptor identity{*bus, desk};
  dbus::claim_name(*bus, kBusName, "rpmbd");  // last: callable from here on, and nobody else is

  board.listen([&policy](const Status& before, const Status& now) {
    if (before.store || !now.store) return;
    if (const auto warning = overcommitted(policy.grants(), *now.store)) spdlog::warn(*warning);
  });
  Lookout lookout{loop, lane, core, board, config.transport};
  lookout.look();
  const ReloadOnHangup reload{loop, options.config, policy, callers};
  boost::asio::signal_set stop{loop, SIGINT, SIGTERM};
  stop.async_wait([&loop](const boost::system::error_code&, int) { loop.stop(); });
  const service::Watchdog watchdog{loop};
  service::notify_ready();
  loop.run();
}

}  // namespace
}  // namespace signet::rpmbd

int main(int argc, char* argv[]) try {
  const auto options =
      signet::service::parse_options({.name = "rpmbd",
                                      .version = SIGNET_VERSION,
                                      .purpose = "Owns the RPMB partition of this device and offers it on D-Bus.",
                                      .default_config = "/etc/signet/rpmbd.toml",
                                      .default_state_dir = "/var/lib/signet/rpmbd"},
                                     argc, argv);
  signet::service::start_logging("rpmbd", options.verbose);
  signet::rpmbd::run(options);
} catch (const std::exception& failure) {
  signet::service::log_event(signet::service::Severity::error, failure.what());
  return EXIT_FAILURE;  // the unit's Restart= decides what happens next
}
