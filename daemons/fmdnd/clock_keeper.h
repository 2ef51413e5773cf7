// The beacon's clock over restarts: counts the machine's uptime from a checkpoint in a file, and never goes back.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "fmdn/clock.h"
#include "fmdn/eid.h"
#include "fmdnd/alarm.h"

namespace signet::fmdnd {

// The two times that it is made of, and what waits in the first of them; tests inject theirs.
struct Times {
  std::function<std::chrono::seconds()> uptime;  // CLOCK_BOOTTIME: counts suspend
  std::function<fmdn::WallTime()> wall;          // nothing while nobody keeps it right: it may be wrong by years
  std::function<Result<std::unique_ptr<Alarm>>(boost::asio::io_context&)> alarm{};
};
Times system_times();

// Checkpoints go to two files by turns, each replaced as a whole and with a checksum: where the last one is damaged,
// the clock goes on from the one before. Without either it goes on from the one in the record of the secrets, which is
// written whenever the owner's data change, and may then be behind what was on the air: the owner finds the device by
// its Fast Pair advert and reads the clock.
class ClockKeeper {
 public:
  // A checkpoint is due at each rotation: so much may have passed since the last one when the power is lost.
  static constexpr std::uint32_t kUnwritten = fmdn::kPeriod + fmdn::kMaxJitter;
  // A wall clock that jumped further than this since the checkpoint is not believed.
  static constexpr std::chrono::hours kPlausible{24 * 366};

  // The files: `path` and `path`.2.
  ClockKeeper(const std::string& path, Times times);

  // From the newer of the files; false when there is none that can be read. The clock then begins at `least`, and never
  // below it. Where the wall clock does not tell how much later it is, it goes on where the next checkpoint would have
  // been, or after finish() where it was; and it catches up at the checkpoint at which the wall clock can tell.
  bool restore(std::uint32_t least);
  void begin(std::uint32_t clock);  // a new beacon

  [[nodiscard]] std::uint32_t now() const { return clock_.at(times_.uptime()); }

  // Writes the clock down. Errors: no_space, io; the clock goes on.
  Result<void> checkpoint();
  // The same at the end: what it counts after this, nobody sees.
  Result<void> finish();
  Result<void> forget();  // factory reset: the files are removed

 private:
  struct Checkpoint {
    std::uint32_t clock;
    fmdn::WallTime wall;
    bool last = false;  // finish() wrote it
  };
  static Bytes encode(const Checkpoint& checkpoint);
  static std::optional<Checkpoint> decode(BytesView octets);
  static std::optional<Checkpoint> read(const std::string& path);
  void catch_up();
  Result<void> write(bool last);

  std::array<std::string, 2> paths_;
  std::size_t next_ = 0;  // where the next checkpoint goes
  Times times_;
  fmdn::BeaconClock clock_;
  std::optional<Checkpoint> behind_;  // from which the clock went on without knowing how much later it was
};

}  // namespace signet::fmdnd
