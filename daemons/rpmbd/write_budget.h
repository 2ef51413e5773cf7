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
  static double cautious(std::uint32_t per_day);  // the level to start with
  TokenBucket(std::uint32_t per_day, double level, Time now) : per_day_{per_day}, level_{level}, at_{now} {}

  [[nodiscard]] double level(Time now) const;
  void take(double writes, Time now);  // may go below zero, and gives back when `writes` is negative
  [[nodiscard]] std::chrono::seconds until(double writes, Time now) const;  // when that many can be taken
  [[nodiscard]] std::uint32_t per_day() const { return per_day_; }

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

  // Writes of the last day since the start of the daemon, as the bucket sees them: older ones count for less.
  [[nodiscard]] std::uint32_t spent(const Grant& grant);

 private:
  struct Account {
    TokenBucket allowed;
    TokenBucket made;  // the same, but full at the start: what is missing in it was really written
  };
  Account& account(const Grant& grant);
  static Account adapted(const Account& account, std::uint32_t per_day, TokenBucket::Time now);

  const Clock& clock_;
  std::map<std::string, Account, std::less<>> by_space_;
  std::optional<TokenBucket> all_;
};

}  // namespace signet::rpmbd
