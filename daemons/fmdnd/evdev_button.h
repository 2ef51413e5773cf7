// A key of an input device of the kernel (EV_KEY).
#pragma once

#include <linux/input.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <string>

#include "fmdnd/arrivals.h"
#include "fmdnd/button.h"

namespace signet::fmdnd {

class EvdevButton final : public Button {
 public:
  EvdevButton(boost::asio::io_context& loop, std::string path, std::uint16_t key, std::function<void()> pressed);

 private:
  void look();
  Result<void> open();
  void read();
  void lose();
  [[nodiscard]] bool in_place();

  std::string path_;
  std::uint16_t key_;
  std::function<void()> pressed_;
  boost::asio::posix::stream_descriptor device_;
  std::array<input_event, 16> events_{};
  Arrivals arrivals_;  // before the first look, so that nothing is missed
};

}  // namespace signet::fmdnd
