#include "fmdn/clock.h"

#include "fmdn/eid.h"

namespace signet::fmdn {

std::uint32_t until_rotation(std::uint32_t clock, std::uint32_t jitter) { return kPeriod - clock % kPeriod + jitter; }

std::uint32_t resume(std::uint32_t checkpoint, WallTime checkpointed_at, WallTime now, std::chrono::seconds most,
                     std::uint32_t unwritten) {
  if (!checkpointed_at || !now || *now < *checkpointed_at || *now - *checkpointed_at > most) {
    return checkpoint + unwritten;
  }
  return checkpoint + static_cast<std::uint32_t>((*now - *checkpointed_at).count());
}

}  // namespace signet::fmdn
