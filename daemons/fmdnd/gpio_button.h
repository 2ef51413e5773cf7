// A button that is wired to a GPIO line.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>

#include "fmdnd/arrivals.h"
#include "fmdnd/button.h"
#include "fmdnd/debounce.h"
#include "fmdnd/gpio.h"

namespace signet::fmdnd {

// A chip that comes, goes or gets other rights is noticed; a line that somebody else has had until now is not.
class GpioButton final : public Button {
 public:
  // `node`: where its chip appears.
  GpioButton(boost::asio::io_context& loop, Gpio& gpio, GpioLine line, std::function<void()> pressed,
             const std::string& node = "/dev/gpiochip");

 private:
  void look();
  Result<void> request();
  void wait();
  void lose();

  Gpio& gpio_;
  GpioLine line_;
  std::function<void()> pressed_;
  Debounce debounce_;
  boost::asio::posix::stream_descriptor readable_;  // its own descriptor of what is input_'s
  std::shared_ptr<GpioInput> input_;                // shared with the wait for its edges
  Arrivals arrivals_;                               // before the first look, so that nothing is missed
};

}  // namespace signet::fmdnd
