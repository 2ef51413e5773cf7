#include "fmdnd/radio.h"

#include <charconv>

#include "bluez/dbus_advertising.h"
#include "bluez/management_advertising.h"

namespace signet::fmdnd {
namespace {

// "hci0", as the configuration has checked it.
std::optional<std::uint16_t> controller_number(const std::string& adapter) {
  if (adapter.empty()) return std::nullopt;
  std::uint16_t number = 0;
  std::from_chars(adapter.data() + 3, adapter.data() + adapter.size(), number);
  return number;
}

}  // namespace

Result<std::unique_ptr<bluez::Advertising>> open_radio(boost::asio::io_context& loop, const RadioBus& bus,
                                                       const RadioConfig& config,
                                                       std::function<void(const Error&)> lost) {
  if (config.advertising == RadioConfig::Advertising::dbus) {
    return std::make_unique<bluez::DbusAdvertising>(loop, bus.bus, bus.pump, bus.bluez, bus.root, config.adapter);
  }
  SIGNET_ASSIGN(auto socket, bluez::open_management_socket());
  return std::make_unique<bluez::ManagementAdvertising>(
      loop, std::move(socket),
      bluez::ManagementAdvertising::Options{.controller = controller_number(config.adapter), .lost = std::move(lost)});
}

}  // namespace signet::fmdnd
