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

double TokenBucket::cautious(std::uint32_t per_day) { return std::max(per_day / 4, std::min(per_day, kLeastAtStart)); }

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

WriteBudget::WriteBudget(const Clock& clock, std::optional<std::uint32_t> all_per_day) : clock_{clock} {
  if (all_per_day) all_.emplace(*all_per_day, TokenBucket::cautious(*all_per_day), clock.monotonic());
}

WriteBudget::Account& WriteBudget::account(const Grant& grant) {
  const auto now = clock_.monotonic();
  const auto per_day = grant.quota.writes_per_day;
  const Account fresh{{per_day, TokenBucket::cautious(per_day), now}, {per_day, static_cast<double>(per_day), now}};
  auto& account = by_space_.try_emplace(grant.space, fresh).first->second;
  if (account.allowed.per_day() != per_day) account = adapted(account, per_day, now);  // the policy was read again
  return account;
}

// What was free stays free in proportion; what was written stays written.
WriteBudget::Account WriteBudget::adapted(const Account& account, std::uint32_t per_day, TokenBucket::Time now) {
  const double free = account.allowed.level(now) / account.allowed.per_day();
  const double written = account.made.per_day() - account.made.level(now);
  return {{per_day, free * per_day, now}, {per_day, per_day - written, now}};
}

Result<void> WriteBudget::reserve(const Grant& grant, std::uint32_t writes) {
  if (writes == 0) return {};
  const auto now = clock_.monotonic();
  auto& own = account(grant).allowed;
  SIGNET_TRY(check(own, writes, now, fmt::format("writes_per_day of namespace '{}'", grant.space)));
  if (all_) SIGNET_TRY(check(*all_, writes, now, "wear.writes_per_day of all namespaces together"));
  own.take(writes, now);
  if (all_) all_->take(writes, now);
  return {};
}

void WriteBudget::settle(const Grant& grant, std::uint32_t reserved, std::uint64_t sent) {
  const auto now = clock_.monotonic();
  const double more = static_cast<double>(sent) - reserved;
  auto& own = account(grant);
  own.allowed.take(more, now);
  own.made.take(static_cast<double>(sent), now);
  if (all_) all_->take(more, now);
}

std::uint32_t WriteBudget::spent(const Grant& grant) {
  const auto& made = account(grant).made;
  return static_cast<std::uint32_t>(std::ceil(made.per_day() - made.level(clock_.monotonic())));
}

}  // namespace signet::rpmbd
