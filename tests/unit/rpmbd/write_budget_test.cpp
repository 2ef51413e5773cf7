#include "rpmbd/write_budget.h"

#include <gtest/gtest.h>

namespace signet::rpmbd {
namespace {

using namespace std::chrono_literals;

class FakeClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point monotonic() const override {
    return std::chrono::steady_clock::time_point{} + now;
  }
  std::chrono::system_clock::time_point wall() const override { return std::chrono::system_clock::time_point{} + now; }
  std::chrono::seconds now{1'000'000};
};

Grant grant(std::string space, std::uint32_t per_day) {
  return {.space = std::move(space), .rights = 0, .quota = {.writes_per_day = per_day}};
}

class WriteBudgetTest : public testing::Test {
 protected:
  FakeClock clock_;
  WriteBudget budget_{clock_, std::nullopt};
};

TEST_F(WriteBudgetTest, StartsWithAQuarterOfADayBecauseItDoesNotKnowWhatWasSpent) {
  const auto alice = grant("alice", 400);

  EXPECT_TRUE(budget_.reserve(alice, 100));
  const auto more = budget_.reserve(alice, 1);

  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Errc::wear_limited);
  EXPECT_NE(more.error().context.find("'alice' (400 writes a day)"), std::string::npos) << more.error().context;
}

TEST_F(WriteBudgetTest, ASmallAllowanceIsThereAtOnce) {
  EXPECT_TRUE(budget_.reserve(grant("few", 10), 10));
  EXPECT_TRUE(budget_.reserve(grant("some", 40), 16));
  EXPECT_FALSE(budget_.reserve(grant("some", 40), 1));
}

TEST_F(WriteBudgetTest, FillsEvenlyOverADayUpToADaysWrites) {
  const auto alice = grant("alice", 24);
  ASSERT_TRUE(budget_.reserve(alice, 16));

  clock_.now += 59min;
  EXPECT_FALSE(budget_.reserve(alice, 1));
  clock_.now += 1min;
  EXPECT_TRUE(budget_.reserve(alice, 1));
  clock_.now += 240h;
  EXPECT_TRUE(budget_.reserve(alice, 24));
  EXPECT_FALSE(budget_.reserve(alice, 1));
}

TEST_F(WriteBudgetTest, OneNamespaceDoesNotSpendAnothers) {
  ASSERT_TRUE(budget_.reserve(grant("alice", 16), 16));

  EXPECT_TRUE(budget_.reserve(grant("bob", 16), 16));
}

TEST_F(WriteBudgetTest, AllTogetherAreLimitedToo) {
  WriteBudget budget{clock_, 20};
  ASSERT_TRUE(budget.reserve(grant("alice", 100), 16));

  const auto refused = budget.reserve(grant("bob", 100), 16);

  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().context.find("all namespaces together"), std::string::npos);
}

TEST_F(WriteBudgetTest, ARefusedReservationTakesNothing) {
  WriteBudget budget{clock_, 16};
  const auto alice = grant("alice", 100);
  ASSERT_FALSE(budget.reserve(alice, 17));

  EXPECT_TRUE(budget.reserve(alice, 16));
}

TEST_F(WriteBudgetTest, WhatWasNotSentIsGivenBackAndWhatWasResentIsCharged) {
  const auto alice = grant("alice", 16);
  ASSERT_TRUE(budget_.reserve(alice, 16));

  budget_.settle(alice, 16, 14);

  EXPECT_EQ(budget_.spent(alice), 14U);
  EXPECT_TRUE(budget_.reserve(alice, 2));
  budget_.settle(alice, 2, 4);
  EXPECT_EQ(budget_.spent(alice), 18U);
}

TEST_F(WriteBudgetTest, AnOperationLargerThanADayIsRefusedWithBothNumbers) {
  const auto refused = budget_.reserve(grant("alice", 10), 11);

  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().context.find("11 writes at once"), std::string::npos);
  EXPECT_NE(refused.error().context.find("allows 10 in a day"), std::string::npos);
}

TEST_F(WriteBudgetTest, AnotherAllowanceLeavesInProportionWhatWasFree) {
  ASSERT_TRUE(budget_.reserve(grant("alice", 16), 8));
  budget_.settle(grant("alice", 16), 8, 8);

  EXPECT_FALSE(budget_.reserve(grant("alice", 1000), 501));
  EXPECT_TRUE(budget_.reserve(grant("alice", 1000), 500));
  EXPECT_EQ(budget_.spent(grant("alice", 1000)), 8U);
}

TEST_F(WriteBudgetTest, NothingToWriteIsAlwaysAllowed) {
  const auto alice = grant("alice", 1);
  ASSERT_TRUE(budget_.reserve(alice, 1));

  EXPECT_TRUE(budget_.reserve(alice, 0));
}

}  // namespace
}  // namespace signet::rpmbd
