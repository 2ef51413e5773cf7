#include "fmdnd/clock_keeper.h"

#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "base/durable_file.h"
#include "base/endian.h"
#include "crypto/sha256.h"

namespace signet::fmdnd {
namespace {

// clock u32, wall clock u64, both big-endian, and the first 4 octets of SHA-256 over them. The wall clock is 0 when it
// was not known to be right; its highest bit says that the checkpoint was the last.
constexpr std::size_t kFields = 12;
constexpr std::size_t kSize = kFields + 4;
constexpr std::uint64_t kLast = std::uint64_t{1} << 63U;

// systemd-timesyncd makes it once it has set the wall clock.
constexpr const char* kSynchronized = "/run/systemd/timesync/synchronized";

// The kernel knows whether something, as a rule an NTP client, keeps the wall clock right. The sandbox of our unit
// denies the question, since the call that asks is the one that sets.
bool wall_clock_is_right() {
  timex state{};
  const int outcome = ::adjtimex(&state);
  if (outcome < 0) return ::access(kSynchronized, F_OK) == 0;
  return outcome != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

}  // namespace

Times system_times() {
  return {.uptime =
              [] {
                timespec now{};
                ::clock_gettime(CLOCK_BOOTTIME, &now);
                return std::chrono::seconds{now.tv_sec};
              },
          .wall = []() -> fmdn::WallTime {
            if (!wall_clock_is_right()) return std::nullopt;
            return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
          },
          .alarm = open_alarm};
}

ClockKeeper::ClockKeeper(const std::string& path, Times times)
    : paths_{path, path + ".2"}, times_{std::move(times)}, clock_{0, times_.uptime()} {}

Bytes ClockKeeper::encode(const Checkpoint& checkpoint) {
  const auto wall = checkpoint.wall ? checkpoint.wall->time_since_epoch().count() : 0;
  Bytes octets(kFields);
  store_be(octets, 0, checkpoint.clock);
  store_be(octets, 4, (static_cast<std::uint64_t>(wall) & ~kLast) | (checkpoint.last ? kLast : 0));
  append(octets, BytesView{crypto::sha256(octets)}.first(kSize - kFields));
  return octets;
}

std::optional<ClockKeeper::Checkpoint> ClockKeeper::decode(BytesView octets) {
  if (octets.size() != kSize) return std::nullopt;
  const auto digest = crypto::sha256(octets.first(kFields));
  if (!std::equal(octets.begin() + kFields, octets.end(), digest.begin())) return std::nullopt;
  const auto field = load_be<std::uint64_t>(octets, 4);
  const std::chrono::seconds wall{static_cast<std::int64_t>(field & ~kLast)};
  return Checkpoint{.clock = load_be<std::uint32_t>(octets, 0),
                    .wall = wall.count() == 0 ? fmdn::WallTime{} : std::chrono::sys_seconds{wall},
                    .last = (field & kLast) != 0};
}

std::optional<ClockKeeper::Checkpoint> ClockKeeper::read(const std::string& path) {
  std::ifstream stream{path, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{stream}, {}};
  return decode(as_bytes(text));
}

// The newer one alone: a wall clock that was set right since the older tells nothing of the time since that. Within one
// second the one that is not the last of its run is the newer, or does no harm.
bool ClockKeeper::restore(std::uint32_t least) {
  const std::array found{read(paths_[0]), read(paths_[1])};
  const auto age = [](const Checkpoint& of) { return std::pair{of.clock, !of.last}; };
  const bool first = found[0] && (!found[1] || age(*found[0]) > age(*found[1]));
  const auto& newest = found[first ? 0 : 1];
  next_ = first ? 1 : 0;
  behind_.reset();
  if (!newest) {
    begin(least);
    return false;
  }
  const auto wall = times_.wall();
  if (newest->wall && !wall) behind_ = newest;
  begin(std::max(least, fmdn::resume(newest->clock, newest->wall, wall, kPlausible, newest->last ? 0 : kUnwritten)));
  return true;
}

void ClockKeeper::begin(std::uint32_t clock) { clock_ = fmdn::BeaconClock{clock, times_.uptime()}; }

// After a boot without a clock of the machine's own, the network sets it right some time later.
void ClockKeeper::catch_up() {
  const auto wall = times_.wall();
  if (!behind_ || !wall) return;
  begin(std::max(now(), fmdn::resume(behind_->clock, behind_->wall, wall, kPlausible, 0)));
  behind_.reset();
}

Result<void> ClockKeeper::checkpoint() {
  catch_up();
  return write(false);
}

Result<void> ClockKeeper::finish() { return write(true); }

Result<void> ClockKeeper::write(bool last) {
  SIGNET_TRY(replace_file(paths_[next_], encode({.clock = now(), .wall = times_.wall(), .last = last})));
  next_ = 1 - next_;
  return {};
}

Result<void> ClockKeeper::forget() {
  behind_.reset();
  for (const auto& path : paths_) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_failure("remove " + path);
  }
  return {};
}

}  // namespace signet::fmdnd
