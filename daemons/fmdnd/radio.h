// Which controller advertises, and through what.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "base/result.h"
#include "bluez/advertising.h"
#include "fmdnd/config.h"

namespace signet::fmdnd {

// Errors: no_service: this kernel has no Bluetooth; access_denied. `lost`: later on, and then for good.
Result<std::unique_ptr<bluez::Advertising>> open_radio(boost::asio::io_context& loop, const RadioConfig& config,
                                                       std::function<void(const Error&)> lost);

}  // namespace signet::fmdnd
