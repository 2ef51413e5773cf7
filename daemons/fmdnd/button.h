// The button of the device, an input device of the kernel (EV_KEY).
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include <linux/input.h>

#include "fmdnd/config.h"

namespace signet::fmdnd {

// Opens the device, and again every 10 s when it is not there or has gone.
class Button {
 public:
  Button(boost::asio::io_context& loop, const ButtonConfig& config, std::function<void()> pressed);

 private:
  void open();
  void open_later();
  void read();

  boost::asio::posix::stream_descriptor device_;
  boost::asio::steady_timer timer_;
  std::string path_;
  std::uint16_t key_;
  std::function<void()> pressed_;
  std::array<input_event, 16> events_{};
};

}  // namespace signet::fmdnd
