// Which controller advertises, and through what.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "base/result.h"
#include "bluez/advertising.h"
#include "fmdnd/config.h"

namespace signet::fmdnd {

// Errors: no_service: this kernel has no Bluetooth; access_denied.
Result<std::unique_ptr<bluez::Advertising>> open_radio(boost::asio::io_context& loop, const RadioConfig& config);

}  // namespace signet::fmdnd
