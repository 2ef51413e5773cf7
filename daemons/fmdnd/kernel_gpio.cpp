#include "fmdnd/kernel_gpio.h"

#include <filesystem>

#include "fmdnd/gpio_chip.h"

namespace signet::fmdnd {
namespace {

struct Place {
  std::string chip;
  unsigned number = 0;
};

// Names of lines are not unique. Chips that may not be opened are passed over: they are not meant.
Result<Place> find(const GpioLine& line) {
  if (!line.chip.empty()) return Place{"/dev/" + line.chip, line.number};
  std::error_code ended;
  for (std::filesystem::directory_iterator node{"/dev", ended}; !ended && node != std::filesystem::directory_iterator{};
       node.increment(ended)) {
    const auto chip = node->path().string();
    if (!chip.starts_with("/dev/gpiochip")) continue;
    if (const auto number = find_line(chip, line.text)) return Place{chip, *number};
  }
  return fail(Errc::not_found, "gpio " + line.text + ": no chip that may be opened has a line of this name");
}

}  // namespace

Result<std::unique_ptr<GpioInput>> KernelGpio::input(const GpioLine& line) {
  SIGNET_ASSIGN(const auto place, find(line));
  return request_input(place.chip, place.number, line);
}

Result<std::unique_ptr<GpioOutput>> KernelGpio::output(const GpioLine& line) {
  SIGNET_ASSIGN(const auto place, find(line));
  return request_output(place.chip, place.number, line);
}

}  // namespace signet::fmdnd
