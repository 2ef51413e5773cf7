#include "fmdnd/clock_keeper.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/durable_file.h"
#include "base/endian.h"
#include "crypto/sha256.h"

namespace signet::fmdnd {
namespace {

// clock u32, wall clock u64, both big-endian, and the first 4 octets of SHA-256 over them.
constexpr std::size_t kFields = 12;
constexpr std::size_t kSize = kFields + 4;

struct Checkpoint {
  std::uint32_t clock;
  std::chrono::sys_seconds wall;
};

Bytes encode(const Checkpoint& checkpoint) {
  Bytes octets(kFields);
  store_be(octets, 0, checkpoint.clock);
  store_be(octets, 4, static_cast<std::uint64_t>(checkpoint.wall.time_since_epoch().count()));
  append(octets, BytesView{crypto::sha256(octets)}.first(kSize - kFields));
  return octets;
}

std::optional<Checkpoint> decode(BytesView octets) {
  if (octets.size() != kSize) return std::nullopt;
  const auto digest = crypto::sha256(octets.first(kFields));
  if (!std::equal(octets.begin() + kFields, octets.end(), digest.begin())) return std::nullopt;
  const std::chrono::seconds wall{static_cast<std::int64_t>(load_be<std::uint64_t>(octets, 4))};
  return Checkpoint{.clock = load_be<std::uint32_t>(octets, 0), .wall = std::chrono::sys_seconds{wall}};
}

std::optional<Checkpoint> read(const std::string& path) {
  std::ifstream stream{path, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{stream}, {}};
  return decode(as_bytes(text));
}

}  // namespace

Times system_times() {
  return {.uptime =
              [] {
                timespec now{};
                ::clock_gettime(CLOCK_BOOTTIME, &now);
                return std::chrono::seconds{now.tv_sec};
              },
          .wall = [] { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); },
          .alarm = open_alarm};
}

ClockKeeper::ClockKeeper(const std::string& path, Times times)
    : paths_{path, path + ".2"}, times_{std::move(times)}, clock_{0, times_.uptime()} {}

bool ClockKeeper::restore(std::uint32_t least) {
  std::array<std::optional<std::uint32_t>, 2> clocks;  // nothing: less than any
  auto highest = least;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    const auto checkpoint = read(paths_[i]);
    if (!checkpoint) continue;
    clocks[i] = checkpoint->clock;
    highest =
        std::max(highest, fmdn::resume(checkpoint->clock, checkpoint->wall, times_.wall(), kPlausible, kUnwritten));
  }
  next_ = clocks[0] > clocks[1] ? 1 : 0;
  begin(highest);
  return clocks[0] || clocks[1];
}

void ClockKeeper::begin(std::uint32_t clock) { clock_ = fmdn::BeaconClock{clock, times_.uptime()}; }

Result<void> ClockKeeper::checkpoint() {
  SIGNET_TRY(replace_file(paths_[next_], encode({.clock = now(), .wall = times_.wall()})));
  next_ = 1 - next_;
  return {};
}

Result<void> ClockKeeper::forget() {
  for (const auto& path : paths_) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_failure("remove " + path);
  }
  return {};
}

}  // namespace signet::fmdnd
