// Presses of a button, from the edges of a line whose contacts bounce.
#pragma once

#include <chrono>
#include <optional>

#include "fmdnd/gpio.h"

namespace signet::fmdnd {

// How long contacts may bounce.
inline constexpr std::chrono::milliseconds kBounce{20};

// An edge counts if none came for kBounce before it: the first of a press does, at once, and those that follow, of its
// contacts or when it is let go, do not. What the kernel has debounced passes as it is.
class Debounce {
 public:
  // Whether the edge begins a press.
  bool pressed(const GpioEdge& edge) {
    const bool settled = !last_ || edge.at - *last_ >= kBounce;
    last_ = edge.at;
    return edge.active && settled;
  }

 private:
  std::optional<std::chrono::nanoseconds> last_;
};

}  // namespace signet::fmdnd
