// Which controller advertises, and through what.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "base/result.h"
#include "bluez/advertising.h"
#include "bluez/bluez_objects.h"
#include "fmdnd/config.h"

namespace signet::fmdnd {

// Where bluetoothd is to be met. The objects on the bus are below `root`.
struct RadioBus {
  sdbus::IConnection& bus;
  dbus::AsioBus& pump;
  bluez::BluezObjects& bluez;
  std::string root;
};

// Errors, of the management socket only: no_service: this kernel has no Bluetooth; access_denied. `lost`: later
// on, and then for good.
Result<std::unique_ptr<bluez::Advertising>> open_radio(boost::asio::io_context& loop, const RadioBus& bus,
                                                       const RadioConfig& config,
                                                       std::function<void(const Error&)> lost);

}  // namespace signet::fmdnd
