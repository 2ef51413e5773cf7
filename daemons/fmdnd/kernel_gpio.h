// The GPIO chips in /dev.
#pragma once

#include "fmdnd/gpio.h"

namespace signet::fmdnd {

class KernelGpio final : public Gpio {
 public:
  Result<std::unique_ptr<GpioInput>> input(const GpioLine& line) override;
  Result<std::unique_ptr<GpioOutput>> output(const GpioLine& line) override;
};

}  // namespace signet::fmdnd
