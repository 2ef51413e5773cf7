// The mode that protects against unwanted tracking (FMDN specification, "Unwanted tracking protection mode"). It is not
// kept over a restart.
#pragma once

#include <cstdint>

namespace signet::fmdn {

inline constexpr std::uint8_t kSkipRingingAuthentication = 0x01;  // control flag; the others are reserved

// While the mode lasts, the address is held over so many rotations of the identifier: 24 h and some minutes.
inline constexpr std::uint32_t kRotationsPerAddress = 85;

class UnwantedTracking {
 public:
  // Flags of a repeated activation replace the earlier ones. True: the mode was entered, and so the address of the
  // beacon's adverts rotates once, now.
  bool activate(std::uint8_t control_flags);
  // True: the mode was left, and so the address rotates once, now.
  bool deactivate();

  [[nodiscard]] bool active() const { return active_; }
  [[nodiscard]] std::uint8_t control_flags() const { return control_flags_; }
  // Whether anyone may ring.
  [[nodiscard]] bool skips_ringing_authentication() const {
    return active_ && (control_flags_ & kSkipRingingAuthentication) != 0;
  }

  // Call at each rotation of the identifier: whether the address rotates with it. Other adverts rotate theirs anyway.
  bool address_rotates();

 private:
  bool active_ = false;
  std::uint8_t control_flags_ = 0;
  std::uint32_t rotations_ = 0;  // of the identifier, since the address last did
};

}  // namespace signet::fmdn
