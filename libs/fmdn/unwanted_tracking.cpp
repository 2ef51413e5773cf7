#include "fmdn/unwanted_tracking.h"

#include <utility>

namespace signet::fmdn {

bool UnwantedTracking::activate(std::uint8_t control_flags) {
  control_flags_ = control_flags;
  if (std::exchange(active_, true)) return false;
  rotations_ = 0;
  return true;
}

bool UnwantedTracking::deactivate() {
  control_flags_ = 0;
  return std::exchange(active_, false);
}

bool UnwantedTracking::address_rotates() {
  if (active_ && ++rotations_ < kRotationsPerAddress) return false;
  rotations_ = 0;
  return true;
}

}  // namespace signet::fmdn
