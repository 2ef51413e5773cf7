#include "fmdnd/run.h"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdlib>

#include "bluez/adapter_name.h"
#include "bluez/bluez_objects.h"
#include "bluez/bus_connections.h"
#include "bluez/gatt_application.h"
#include "bluez/pairing_agent.h"
#include "bluez/rfcomm_profile.h"
#include "fastpair/uuids.h"
#include "fmdnd/anti_spoofing.h"
#include "fmdnd/button.h"
#include "fmdnd/file_vault.h"
#include "fmdnd/fmdn_adaptor.h"
#include "fmdnd/kernel_gpio.h"
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

// To take the adverts off the air at the end: the kernel gives up on a controller after 2 s.
constexpr std::chrono::seconds kForSilence{5};

std::unique_ptr<Vault> open_vault(boost::asio::io_context& loop, const Config& config) {
  if (config.secrets_file.empty()) return std::make_unique<RpmbdVault>(loop);
  spdlog::warn("secrets are kept in the file {}, not behind the storage chip", config.secrets_file);
  return std::make_unique<FileVault>(loop, config.secrets_file);
}

void check_key(const Config& config) {
  const auto not_judged = service::must(check_anti_spoofing_key("/etc", config.device.anti_spoofing_key));
  if (not_judged) spdlog::warn(*not_judged);
}

// What anybody reads of any tag: the same of each, so that none is followed by it.
constexpr const char* kNameOfATag = "Tag";

const bluez::RfcommProfile::Service kMessageStream{.uuid = fastpair::kMessageStreamUuid,
                                                   .name = "Fast Pair message stream"};

}  // namespace

service::Program program() {
  return {.name = "fmdnd",
          .version = SIGNET_VERSION,
          .purpose = "Makes this device an accessory of the Find My Device Network, by BlueZ.",
          .default_config = "/etc/signet/fmdnd.toml",
          .default_state_dir = "/var/lib/signet/fmdnd"};
}

// [bus] -> FmdnAdaptor -> Accessory -> vault, clock, sound, radio; bluetoothd -> GattApplication, PairingAgent,
// RfcommProfile -> Accessory. One thread, but for the vault's.
void run(const service::Options& options, const Times& times) {
  const auto config = service::must(load_config(options.config));
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  if (options.check_config && credentials == nullptr) return check_key(config);
  const auto anti_spoofing =
      service::must(load_anti_spoofing_key(credentials != nullptr ? credentials : "", config.device.anti_spoofing_key));
  if (options.check_config) return;
  service::harden_process();
  boost::asio::io_context loop{1};

  crypto::SystemRandom random;
  ClockKeeper clock{options.state_dir + "/clock", times};
  const auto alarm = service::must(times.alarm(loop));
  const auto vault = open_vault(loop, config);
  KernelGpio gpio;
  const auto sound = open_sound(loop, gpio, config.sound);

  const auto bus = dbus::connect_system_bus();
  dbus::AsioBus pump{loop, *bus};
  bluez::BluezObjects bluez{loop, *bus, pump};
  bluez::BusConnections connections{bluez};
  const auto radio = service::must(open_radio(loop, {*bus, pump, bluez, "/org/signet/advert"}, config.radio,
                                              [](const Error& lost) { throw service::StartFailure{lost}; }));
  service::keep_capabilities_from_children();
  Accessory accessory{{.loop = loop,
                       .config = config,
                       .vault = *vault,
                       .clock = clock,
                       .alarm = *alarm,
                       .advertising = *radio,
                       .connections = connections,
                       .sound = *sound,
                       .anti_spoofing = anti_spoofing,
                       .random = random}};
  bluez::GattApplication gatt{loop, *bus, pump, bluez, "/org/signet/gatt", accessory.services()};
  accessory.answer_through(gatt);
  bluez::PairingAgent agent{*bus,
                            pump,
                            bluez,
                            "/org/signet/agent",
                            {.adapter = config.radio.adapter, .compares = !config.device.locator_tag}};
  accessory.pair_through(agent);
  std::optional<bluez::AdapterName> name;
  if (config.device.locator_tag) name.emplace(bluez, config.radio.adapter, kNameOfATag);
  std::optional<bluez::RfcommProfile> stream;
  if (!config.device.locator_tag) {
    stream.emplace(loop, *bus, pump, bluez, "/org/signet/stream", kMessageStream, accessory.stream_listener());
    accessory.answer_through(*stream);
  }
  const auto button = open_button(loop, gpio, config.button, [&accessory] { accessory.press_button(); });
  const FmdnAdaptor adaptor{*bus, pump, accessory};
  dbus::claim_name(*bus, "org.signet.Fmdn1", "fmdnd");  // last: callable from here on

  accessory.begin();
  boost::asio::signal_set stop{loop, SIGINT, SIGTERM};
  boost::asio::steady_timer patience{loop};
  stop.async_wait([&loop, &accessory, &patience](const boost::system::error_code&, int) {
    accessory.end([&loop] { loop.stop(); });
    patience.expires_after(kForSilence);
    patience.async_wait([&loop](const boost::system::error_code&) { loop.stop(); });
  });
  service::Watchdog watchdog{loop};
  accessory.at_rotation([&watchdog] { watchdog.pet(); });
  service::notify_ready();
  loop.run();
}

}  // namespace signet::fmdnd
