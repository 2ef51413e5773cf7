// How much each namespace, and all together, may wear the chip: a token bucket per namespace, in memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "rpmbd/policy.h"

namespace signet::rpmbd {

// Holds up to a day's writes and fills evenly over a day. After a start it holds a quarter of that (but at least 16, or
// all): what was spent before is not known, and a client that can make the daemon restart must not win a fresh day by
// it.
class TokenBucket {
 public:
  using Time = std::chrono::steady_clock::time_point;
  TokenBucket(std::uint32_t per_day, Time now);

  [[nodiscard]] double level(Time now) const;
  void take(double writes, Time now);  // may go below zero, and gives back when `writes` is negative
  [[nodiscard]] std::chrono::seconds until(double writes, Time now) const;  // when that many can be taken
  [[nodiscard]] std::uint32_t per_day() const { return per_day_; }
  void set_per_day(std::uint32_t per_day, Time now);

 private:
  std::uint32_t per_day_;
  double level_;
  Time at_;
};

class WriteBudget {
 public:
  WriteBudget(const Clock& clock, std::optional<std::uint32_t> all_per_day);

  // Reserves `writes` authenticated writes. Error: wear_limited, with the time when it can be done; nothing is then
  // reserved.
  Result<void> reserve(const Grant& grant, std::uint32_t writes);
  // Corrects a reservation to what was really sent to the chip.
  void settle(const Grant& grant, std::uint32_t reserved, std::uint64_t sent);

  // Writes of the last day, rounded up: what is missing in the bucket. Right after a start this is the cautious guess.
  [[nodiscard]] std::uint32_t spent(const Grant& grant);

 private:
  TokenBucket& bucket(const Grant& grant);

  const Clock& clock_;
  std::map<std::string, TokenBucket, std::less<>> by_space_;
  std::optional<TokenBucket> all_;
};

}  // namespace signet::rpmbd
