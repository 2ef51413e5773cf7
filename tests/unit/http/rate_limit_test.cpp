#include "http/rate_limit.h"

#include <gtest/gtest.h>

namespace signet::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const RateLimit::Time kStart{std::chrono::hours{1}};

int taken(RateLimit& limit, const std::string& name, RateLimit::Time now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += limit.take(name, now) ? 0 : 1;
  return count;
}

TEST(RateLimit, LetsABurstThroughAndThenItsRate) {
  RateLimit limit{{.per_second = 2, .burst = 5}};

  EXPECT_EQ(taken(limit, "a", kStart, 20), 5);
  EXPECT_EQ(taken(limit, "a", kStart + seconds{1}, 20), 2);
  EXPECT_EQ(taken(limit, "a", kStart + seconds{61}, 20), 5);
}

TEST(RateLimit, SaysWhenToComeBack) {
  RateLimit limit{{.per_second = 0.1, .burst = 1}};
  ASSERT_FALSE(limit.take("a", kStart));

  EXPECT_EQ(limit.take("a", kStart), seconds{10});
  EXPECT_EQ(limit.take("a", kStart + milliseconds{9500}), seconds{1});
  EXPECT_EQ(limit.take("a", kStart + seconds{10}), std::nullopt);
}

TEST(RateLimit, NamesDoNotDisturbEachOther) {
  RateLimit limit{{.per_second = 1, .burst = 1}};

  EXPECT_EQ(taken(limit, "a", kStart, 3), 1);
  EXPECT_EQ(taken(limit, "b", kStart, 3), 1);
}

TEST(RateLimit, OfZeroLimitsNothing) {
  RateLimit limit{{.per_second = 0, .burst = 1}};

  EXPECT_EQ(taken(limit, "a", kStart, 1000), 1000);
}

TEST(RateLimit, AClockThatGoesBackGivesNothingAway) {
  RateLimit limit{{.per_second = 1, .burst = 2}};
  ASSERT_EQ(taken(limit, "a", kStart, 5), 2);

  EXPECT_EQ(taken(limit, "a", kStart - seconds{5}, 5), 0);
}

TEST(RateLimit, BeyondItsRoomNewNamesShareABucketUntilOthersAreQuiet) {
  RateLimit limit{{.per_second = 1, .burst = 1}, 16 * 4};
  for (int i = 0; i < 1000; ++i) limit.take("busy" + std::to_string(i), kStart);
  int let_through = 0;
  for (int i = 0; i < 1000; ++i) let_through += limit.take("late" + std::to_string(i), kStart) ? 0 : 1;
  EXPECT_EQ(let_through, 0);

  EXPECT_EQ(limit.take("later", kStart + seconds{5}), std::nullopt);
}

TEST(LimitName, IsTheAddressOrTheNetworkOfOneClient) {
  EXPECT_EQ(limit_name("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(limit_name("2001:db8:1:2::1"), limit_name("2001:db8:1:2:ffff::9"));
  EXPECT_NE(limit_name("2001:db8:1:2::1"), limit_name("2001:db8:1:3::1"));
  EXPECT_EQ(limit_name("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(limit_name("nonsense"), "nonsense");
}

}  // namespace
}  // namespace signet::http
