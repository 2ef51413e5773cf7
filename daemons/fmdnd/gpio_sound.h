// A buzzer that a GPIO line switches.
#pragma once

#include "fmdnd/beeps.h"
#include "fmdnd/gpio.h"
#include "fmdnd/sound.h"

namespace signet::fmdnd {

// Holds the line from the beginning, so that it is driven to silence; if it could not be had, or has gone, asks for it
// again when it is to ring.
class GpioSound final : public Sound {
 public:
  GpioSound(boost::asio::io_context& loop, Gpio& gpio, GpioLine line);
  ~GpioSound() override { GpioSound::stop(); }

  // A line is on or off: it has no volume.
  Result<void> start(std::uint8_t components, std::uint8_t volume) override;
  void stop() override;

 private:
  Result<void> hold();

  Gpio& gpio_;
  GpioLine line_;
  std::unique_ptr<GpioOutput> output_;
  Beeps beeps_;
};

}  // namespace signet::fmdnd
