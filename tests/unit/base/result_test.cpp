#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace signet {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(Errc::invalid_argument, "half of " + std::to_string(number));
  return number / 2;
}
Result<int> quarter(int number) {
  SIGNET_ASSIGN(int once, half(number));
  SIGNET_ASSIGN(int twice, half(once));
  return twice;
}
Result<void> check(int number, int& reached) {
  SIGNET_TRY(half(number));
  ++reached;
  return {};
}

TEST(Result, AssignHandsOnTheValue) { EXPECT_EQ(quarter(12).value(), 3); }

TEST(Result, AssignLeavesWithTheFirstError) {
  EXPECT_EQ(quarter(7).error().context, "half of 7");
  EXPECT_EQ(quarter(6).error().context, "half of 3");
}

TEST(Result, TryLeavesWithTheErrorAndGoesOnWithoutOne) {
  int reached = 0;

  EXPECT_FALSE(check(1, reached));
  EXPECT_EQ(reached, 0);
  EXPECT_TRUE(check(2, reached));
  EXPECT_EQ(reached, 1);
}

TEST(Result, CarriesWhatCanOnlyBeMoved) {
  auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(5); };
  auto pass = [&]() -> Result<int> {
    SIGNET_ASSIGN(std::unique_ptr<int> number, make());
    return *number;
  };

  EXPECT_EQ(pass().value(), 5);
}

TEST(Result, AnErrorCanBePassedOnWhole) {
  Error error = half(3).error();

  Result<void> passed = fail(error);

  EXPECT_EQ(passed.error().code, Errc::invalid_argument);
  EXPECT_EQ(passed.error().context, "half of 3");
}

}  // namespace
}  // namespace signet
