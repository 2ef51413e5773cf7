// When an identifier gives way to the next, and the beacon's clock over restarts (FMDN specification, "Rotation",
// "Clock").
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace signet::fmdn {

inline constexpr std::uint32_t kMaxJitter = 204;  // seconds

// Seconds from `clock` until the next rotation: the next multiple of 1024 and `jitter` of 1 .. 204 s, which is drawn
// anew each time. Until then the old identifier stays on the air.
std::uint32_t until_rotation(std::uint32_t clock, std::uint32_t jitter);

// A clock of 32 bits that counts on from a checkpoint and never goes back. `Uptime` is any steady time that counts
// suspend.
class BeaconClock {
 public:
  using Uptime = std::chrono::seconds;
  BeaconClock(std::uint32_t checkpoint, Uptime now) : base_{checkpoint}, since_{now} {}

  // Wraps after 136 years.
  [[nodiscard]] std::uint32_t at(Uptime now) const {
    return now <= since_ ? base_ : base_ + static_cast<std::uint32_t>((now - since_).count());
  }

 private:
  std::uint32_t base_;
  Uptime since_;
};

// A moment by a wall clock; nothing: it was not known to be right.
using WallTime = std::optional<std::chrono::sys_seconds>;

// The clock to go on from at a start, with what passed since the checkpoint as far as wall clocks tell. They tell
// nothing where one of the two is not known to be right, nor if the wall clock went back, or on by more than `most`.
// Then `unwritten` seconds have passed, the most that may have been counted after the checkpoint, so that the clock
// does not go back.
std::uint32_t resume(std::uint32_t checkpoint, WallTime checkpointed_at, WallTime now, std::chrono::seconds most,
                     std::uint32_t unwritten);

}  // namespace signet::fmdn
