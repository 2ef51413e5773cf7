// The button of the device. An interface: an input device, a GPIO line, or none.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "fmdnd/config.h"
#include "fmdnd/gpio.h"

namespace signet::fmdnd {

// Presses are told as long as it lives. One that is not there, or goes away, is waited for.
class Button {
 public:
  virtual ~Button() = default;
};

std::unique_ptr<Button> open_button(boost::asio::io_context& loop, Gpio& gpio, const ButtonConfig& config,
                                    std::function<void()> pressed);

}  // namespace signet::fmdnd
