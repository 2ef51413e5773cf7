#include "activation/sightings.h"

#include <gtest/gtest.h>

#include <vector>

namespace signet::activation {
namespace {

using Sightings = std::vector<CounterSighting>;

UnixTime at(int seconds) { return UnixTime{std::chrono::seconds{seconds}}; }

TEST(Counters, TheFirstIsKept) {
  const auto judgement = judge_counter(Sightings{}, {.counter = 0, .issued = 1});

  EXPECT_FALSE(judgement.finding);
  EXPECT_TRUE(judgement.keep);
}

TEST(Counters, AnEqualOneIsNormalAndAHigherOneIsKept) {
  const Sightings seen{{.counter = 10, .seen = 5}};

  EXPECT_FALSE(judge_counter(seen, {.counter = 10, .issued = 6}).finding);
  EXPECT_FALSE(judge_counter(seen, {.counter = 10, .issued = 6}).keep);
  EXPECT_FALSE(judge_counter(seen, {.counter = 11, .issued = 6}).finding);
  EXPECT_TRUE(judge_counter(seen, {.counter = 11, .issued = 6}).keep);
}

TEST(Counters, ALowerOneUnderALaterNonceIsBackwards) {
  const Sightings seen{{.counter = 10, .seen = 5}};

  const auto judgement = judge_counter(seen, {.counter = 9, .issued = 6});

  EXPECT_EQ(judgement.finding, Reason::counter_backwards);
  EXPECT_TRUE(judgement.keep);
}

// Two nonces are open; the chip answers the later one, is written to, and answers the earlier one, whose ticket arrives
// first.
TEST(Counters, ALowerOneUnderANonceThatWasOpenAtTheSameTimeSaysNothing) {
  const Sightings seen{{.counter = 11, .seen = 5}};

  const auto judgement = judge_counter(seen, {.counter = 10, .issued = 4});

  EXPECT_FALSE(judgement.finding);
  EXPECT_FALSE(judgement.keep);
}

TEST(Counters, EachSightingCountsNotOnlyTheHighest) {
  const Sightings seen{{.counter = 10, .seen = 5}, {.counter = 12, .seen = 8}};

  EXPECT_EQ(judge_counter(seen, {.counter = 9, .issued = 7}).finding, Reason::counter_backwards);
  EXPECT_FALSE(judge_counter(seen, {.counter = 11, .issued = 7}).finding);
}

TEST(Counters, TheHighOneSeenAgainAfterALowOneIsInterleaved) {
  const Sightings seen{{.counter = 10, .seen = 5}, {.counter = 7, .seen = 8}};

  EXPECT_EQ(judge_counter(seen, {.counter = 8, .issued = 9}).finding, Reason::counter_backwards);
  EXPECT_EQ(judge_counter(seen, {.counter = 10, .issued = 9}).finding, Reason::counter_interleaved);
  EXPECT_EQ(judge_counter(seen, {.counter = 11, .issued = 9}).finding, Reason::counter_interleaved);
}

TEST(Counters, TheHighOneUnderANonceFromBeforeTheLowOneIsNotInterleaved) {
  const Sightings seen{{.counter = 10, .seen = 5}, {.counter = 7, .seen = 8}};

  EXPECT_FALSE(judge_counter(seen, {.counter = 10, .issued = 6}).finding);
}

TEST(Counters, OfABearerTicketAreComparedByItsTimeGiveOrTakeTheSkew) {
  const Sightings seen{{.counter = 10, .seen = 5, .seen_at = at(1000)}};
  const std::chrono::seconds skew{60};

  EXPECT_EQ(judge_counter(seen, 9, at(1061), skew).finding, Reason::counter_backwards);
  EXPECT_FALSE(judge_counter(seen, 9, at(1060), skew).finding);
  EXPECT_FALSE(judge_counter(seen, 9, at(10), skew).finding) << "a ticket that was made before";
  EXPECT_FALSE(judge_counter(seen, 10, at(2000), skew).finding);
}

}  // namespace
}  // namespace signet::activation
