#include "rpmbd/write_budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace signet::rpmbd {
namespace {

constexpr double kDay = 24 * 60 * 60;
constexpr std::uint32_t kLeastAtStart = 16;

double seconds(TokenBucket::Time from, TokenBucket::Time to) {
  return std::chrono::duration<double>(to - from).count();
}

std::string in_words(std::chrono::seconds time) {
  if (time > std::chrono::hours{1}) return fmt::format("{} h", (time.count() + 3599) / 3600);
  return fmt::format("{} min", (time.count() + 59) / 60);
}

Result<void> check(const TokenBucket& bucket, std::uint32_t writes, TokenBucket::Time now, std::string_view whose) {
  if (writes > bucket.per_day()) {
    return fail(Errc::wear_limited,
                fmt::format("{} writes at once: {} allows {} in a day", writes, whose, bucket.per_day()));
  }
  if (bucket.level(now) >= writes) return {};
  return fail(Errc::wear_limited, fmt::format("{} ({} writes a day) is used up; next possible in {}", whose,
                                              bucket.per_day(), in_words(bucket.until(writes, now))));
}

}  // namespace

TokenBucket::TokenBucket(std::uint32_t per_day, Time now)
    : per_day_{per_day},
      level_{static_cast<double>(std::max(per_day / 4, std::min(per_day, kLeastAtStart)))},
      at_{now} {}

double TokenBucket::level(Time now) const {
  return std::min(static_cast<double>(per_day_), level_ + seconds(at_, now) * per_day_ / kDay);
}

void TokenBucket::take(double writes, Time now) {
  level_ = std::min(static_cast<double>(per_day_), level(now) - writes);
  at_ = now;
}

std::chrono::seconds TokenBucket::until(double writes, Time now) const {
  return std::chrono::seconds{static_cast<std::int64_t>(std::ceil((writes - level(now)) * kDay / per_day_))};
}

void TokenBucket::set_per_day(std::uint32_t per_day, Time now) {
  if (per_day == per_day_) return;
  const double spent = per_day_ - level(now);
  per_day_ = per_day;
  level_ = per_day_ - spent;
  at_ = now;
}

WriteBudget::WriteBudget(const Clock& clock, std::optional<std::uint32_t> all_per_day) : clock_{clock} {
  if (all_per_day) all_.emplace(*all_per_day, clock.monotonic());
}

TokenBucket& WriteBudget::bucket(const Grant& grant) {
  const auto now = clock_.monotonic();
  auto& bucket = by_space_.try_emplace(grant.space, grant.quota.writes_per_day, now).first->second;
  bucket.set_per_day(grant.quota.writes_per_day, now);  // the policy may have been reloaded
  return bucket;
}

Result<void> WriteBudget::reserve(const Grant& grant, std::uint32_t writes) {
  if (writes == 0) return {};
  const auto now = clock_.monotonic();
  auto& own = bucket(grant);
  SIGNET_TRY(check(own, writes, now, fmt::format("writes_per_day of namespace '{}'", grant.space)));
  if (all_) SIGNET_TRY(check(*all_, writes, now, "wear.writes_per_day of all namespaces together"));
  own.take(writes, now);
  if (all_) all_->take(writes, now);
  return {};
}

void WriteBudget::settle(const Grant& grant, std::uint32_t reserved, std::uint64_t sent) {
  const auto now = clock_.monotonic();
  const double more = static_cast<double>(sent) - reserved;
  bucket(grant).take(more, now);
  if (all_) all_->take(more, now);
}

std::uint32_t WriteBudget::spent(const Grant& grant) {
  const auto& own = bucket(grant);
  return static_cast<std::uint32_t>(
      std::ceil(own.per_day() - std::min<double>(own.per_day(), own.level(clock_.monotonic()))));
}

}  // namespace signet::rpmbd
