// What makes the sound. An interface: a device that beeps, a line that is on or off, a command, or nothing.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "fmdnd/config.h"
#include "fmdnd/gpio.h"

namespace signet::fmdnd {

// Neither call blocks. Called on the loop's thread.
class Sound {
 public:
  virtual ~Sound() = default;
  // `components`: bits 1 right, 2 left, 4 case. `volume`: 0 default, 1 low, 2 medium, 3 high. Rings until stop().
  // Errors: no sound is made.
  virtual Result<void> start(std::uint8_t components, std::uint8_t volume) = 0;
  virtual void stop() = 0;
};

// As the configuration says; a device that has no sound answers unsupported.
std::unique_ptr<Sound> open_sound(boost::asio::io_context& loop, Gpio& gpio, const SoundConfig& config);

}  // namespace signet::fmdnd
