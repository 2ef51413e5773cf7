// The cadence of what can only be on or off: half a second of each.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>

#include "base/result.h"

namespace signet::fmdnd {

class Beeps {
 public:
  using Switch = std::function<Result<void>(bool on)>;

  explicit Beeps(boost::asio::io_context& loop) : timer_{loop} {}

  // On at once, then off and on until end(), or until the switch fails. Error: of the switch; nothing has begun.
  Result<void> begin(Switch switch_to);
  void end();  // leaves the switch as it is

 private:
  Result<void> beep(bool on);

  boost::asio::steady_timer timer_;
  Switch switch_to_;
};

}  // namespace signet::fmdnd
