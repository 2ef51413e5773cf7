// Lines of GPIO chips, to which a button or a sounder is wired. An interface: those of the kernel, or a test's.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "base/result.h"
#include "fmdnd/config.h"

namespace signet::fmdnd {

struct GpioEdge {
  bool active;                  // what it has become
  std::chrono::nanoseconds at;  // of the kernel's clock
};

// A line that somebody else drives. It is ours until this is destroyed.
class GpioInput {
 public:
  virtual ~GpioInput() = default;
  [[nodiscard]] virtual int descriptor() const = 0;  // readable when there are edges, or the chip has gone
  // The oldest edges that have not been read yet; waits if there is none. Error: io: the chip has gone.
  virtual Result<std::vector<GpioEdge>> edges() = 0;
  // Whether the chip is still there: not every kernel makes the descriptor readable when it goes.
  [[nodiscard]] virtual bool present() const = 0;
};

// A line that we drive, inactive at first.
class GpioOutput {
 public:
  virtual ~GpioOutput() = default;
  virtual Result<void> set(bool active) = 0;  // Error: io: the chip has gone
};

// Errors of both: not_found: no line has this name; io: the chip is not there, may not be opened, has no such line, or
// somebody else has it.
class Gpio {
 public:
  virtual ~Gpio() = default;
  virtual Result<std::unique_ptr<GpioInput>> input(const GpioLine& line) = 0;
  virtual Result<std::unique_ptr<GpioOutput>> output(const GpioLine& line) = 0;
};

}  // namespace signet::fmdnd
