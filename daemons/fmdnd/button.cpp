#include "fmdnd/button.h"

#include "fmdnd/evdev_button.h"
#include "fmdnd/gpio_button.h"

namespace signet::fmdnd {

std::unique_ptr<Button> open_button(boost::asio::io_context& loop, Gpio& gpio, const ButtonConfig& config,
                                    std::function<void()> pressed) {
  if (config.gpio) return std::make_unique<GpioButton>(loop, gpio, *config.gpio, std::move(pressed));
  if (!config.evdev.empty()) {
    return std::make_unique<EvdevButton>(loop, config.evdev, config.key, std::move(pressed));
  }
  return std::make_unique<Button>();
}

}  // namespace signet::fmdnd
