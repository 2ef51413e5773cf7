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

ClockKeeper::ClockKeeper(std::string path, Times times)
    : path_{std::move(path)}, times_{std::move(times)}, clock_{0, times_.uptime()} {}

bool ClockKeeper::restore(std::uint32_t least) {
  const auto checkpoint = read(path_);
  const auto resumed =
      checkpoint ? fmdn::resume(checkpoint->clock, checkpoint->wall, times_.wall(), kPlausible, kUnwritten) : least;
  begin(std::max(least, resumed));
  return checkpoint.has_value();
}

void ClockKeeper::begin(std::uint32_t clock) { clock_ = fmdn::BeaconClock{clock, times_.uptime()}; }

Result<void> ClockKeeper::checkpoint() { return replace_file(path_, encode({.clock = now(), .wall = times_.wall()})); }

Result<void> ClockKeeper::forget() {
  if (::unlink(path_.c_str()) == 0 || errno == ENOENT) return {};
  return system_failure("remove " + path_);
}

}  // namespace signet::fmdnd
