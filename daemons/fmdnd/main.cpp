// fmdnd: makes this device a Find My Device Network accessory (fmdnd(8)).
#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdlib>

#include "bluez/bluez_objects.h"
#include "bluez/bus_connections.h"
#include "bluez/gatt_application.h"
#include "fmdnd/anti_spoofing.h"
#include "fmdnd/button.h"
#include "fmdnd/file_vault.h"
#include "fmdnd/fmdn_adaptor.h"
#include "fmdnd/radio.h"
#include "fmdnd/rpmbd_vault.h"
#include "ipc/dbus/asio_bus.h"
#include "ipc/dbus/system_bus.h"
#include "service/harden.h"
#include "service/log.h"
#include "service/must.h"
#include "service/options.h"
#include "service/watchdog.h"

namespace signet::fmdnd {
namespace {

std::unique_ptr<Vault> open_vault(boost::asio::io_context& loop, const Config& config) {
  if (config.secrets_file.empty()) return std::make_unique<RpmbdVault>(loop);
  spdlog::warn("secrets are kept in the file {}, not behind the storage chip", config.secrets_file);
  return std::make_unique<FileVault>(loop, config.secrets_file);
}

// [bus] -> FmdnAdaptor -> Accessory -> vault, clock, sound, radio; bluetoothd -> GattApplication -> Accessory. One
// thread, but for the vault's.
void run(const service::Options& options) {
  const auto config = service::must(load_config(options.config));
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  const auto anti_spoofing =
      service::must(load_anti_spoofing_key(credentials != nullptr ? credentials : "", config.device.anti_spoofing_key));
  if (options.check_config) return;
  service::harden_process();
  boost::asio::io_context loop{1};

  crypto::SystemRandom random;
  ClockKeeper clock{options.state_dir + "/clock", system_times()};
  const auto vault = open_vault(loop, config);
  const auto sound = open_sound(loop, config.sound);
  const auto radio =
      service::must(open_radio(loop, config.radio, [](const Error& lost) { throw service::StartFailure{lost}; }));
  service::keep_capabilities_from_children();

  const auto bus = dbus::connect_system_bus();
  dbus::AsioBus pump{loop, *bus};
  bluez::BluezObjects bluez{loop, *bus, pump};
  bluez::BusConnections connections{bluez};
  Accessory accessory{{.loop = loop,
                       .config = config,
                       .vault = *vault,
                       .clock = clock,
                       .advertising = *radio,
                       .connections = connections,
                       .sound = *sound,
                       .anti_spoofing = anti_spoofing,
                       .random = random}};
  bluez::GattApplication gatt{loop, *bus, pump, bluez, "/org/signet/gatt", accessory.services()};
  accessory.answer_through(gatt);
  const Button button{loop, config.button, [&accessory] { accessory.press_button(); }};
  const FmdnAdaptor adaptor{*bus, pump, accessory};
  dbus::claim_name(*bus, "org.signet.Fmdn1", "fmdnd");  // last: callable from here on

  accessory.begin();
  boost::asio::signal_set stop{loop, SIGINT, SIGTERM};
  stop.async_wait([&loop](const boost::system::error_code&, int) { loop.stop(); });
  const service::Watchdog watchdog{loop};
  service::notify_ready();
  loop.run();
}

}  // namespace
}  // namespace signet::fmdnd

int main(int argc, char* argv[]) try {
  const auto options = signet::service::parse_options(
      {.name = "fmdnd",
       .version = SIGNET_VERSION,
       .purpose = "Makes this device an accessory of the Find My Device Network, by BlueZ.",
       .default_config = "/etc/signet/fmdnd.toml",
       .default_state_dir = "/var/lib/signet/fmdnd"},
      argc, argv);
  signet::service::start_logging("fmdnd", options.verbose);
  signet::fmdnd::run(options);
} catch (const std::exception& failure) {
  signet::service::log_event(signet::service::Severity::error, failure.what());
  return EXIT_FAILURE;  // the unit's Restart= decides what happens next
}
