// One GPIO chip of the kernel, through libgpiod. The library has two interfaces that have nothing in common, 1.x
// (Debian 12) and 2.x (Debian 13): gpio_chip_v1.cpp or gpio_chip_v2.cpp, whichever the system has.
#pragma once

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "fmdnd/gpio.h"

namespace signet::fmdnd {

// `chip`: its device node. Nothing: it has no line of this name, or cannot be opened.
std::optional<unsigned> find_line(const std::string& chip, const std::string& name);

// Line `number` of a chip, with the rest as `line` says. Errors: as Gpio's.
Result<std::unique_ptr<GpioInput>> request_input(const std::string& chip, unsigned number, const GpioLine& line);
Result<std::unique_ptr<GpioOutput>> request_output(const std::string& chip, unsigned number, const GpioLine& line);

// Why a line cannot be had: what errno says.
inline Failure no_line(const GpioLine& line) {
  return fail(Errc::io, "gpio " + line.text + ": " + std::strerror(errno));
}
inline Failure chip_gone() { return fail(Errc::io, "gpio: the chip has gone"); }

}  // namespace signet::fmdnd
