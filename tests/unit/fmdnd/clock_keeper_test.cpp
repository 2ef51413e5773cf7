#include "fmdnd/clock_keeper.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/identity/temporary_directory.h"

namespace signet::fmdnd {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

struct ClockKeeperTest : testing::Test {
  ClockKeeper keeper() {
    return ClockKeeper{
        path(),
        {.uptime = [this] { return uptime; }, .wall = [this] { return right ? fmdn::WallTime{wall} : std::nullopt; }}};
  }
  void pass(seconds time) {
    uptime += time;
    wall += time;
  }
  [[nodiscard]] std::string path() const { return directory.path() + "/clock"; }

  identity::TemporaryDirectory directory;
  seconds uptime{100};
  std::chrono::sys_seconds wall{seconds{1'900'000'000}};
  bool right = true;  // the wall clock
};

TEST_F(ClockKeeperTest, CountsTheUptime) {
  auto clock = keeper();
  clock.begin(5000);

  uptime += seconds{77};

  EXPECT_EQ(clock.now(), 5077U);
}

TEST_F(ClockKeeperTest, GoesOnAfterARestartWithWhatPassedMeanwhile) {
  auto before = keeper();
  before.begin(5000);
  ASSERT_TRUE(before.checkpoint());
  uptime = seconds{3};
  wall += hours{10};

  auto after = keeper();

  EXPECT_TRUE(after.restore(0));
  EXPECT_EQ(after.now(), 5000U + 36'000U);
}

TEST_F(ClockKeeperTest, NeverGoesBackWhateverTheWallClockSays) {
  auto before = keeper();
  before.begin(5000);
  ASSERT_TRUE(before.checkpoint());
  uptime += seconds{ClockKeeper::kUnwritten};
  const auto last = before.now();

  for (const auto wrong : {wall - hours{1000}, wall + hours{24 * 365 * 20}, std::chrono::sys_seconds{}}) {
    wall = wrong;
    auto after = keeper();
    EXPECT_TRUE(after.restore(0));
    EXPECT_EQ(after.now(), last);
  }
}

TEST_F(ClockKeeperTest, AWallClockThatWasSetRightBetweenTwoCheckpointsThrowsItNowhere) {
  auto before = keeper();
  before.begin(5000);
  wall -= hours{24 * 200};
  ASSERT_TRUE(before.checkpoint());
  pass(seconds{95});
  wall += hours{24 * 200};
  ASSERT_TRUE(before.checkpoint());
  const auto last = before.now();

  auto after = keeper();

  EXPECT_TRUE(after.restore(0));
  EXPECT_EQ(after.now(), last);
}

TEST_F(ClockKeeperTest, BelievesNoWallClockThatNobodyKeptRight) {
  for (const bool right_before : {false, true}) {
    right = right_before;
    auto before = keeper();
    before.begin(5000);
    ASSERT_TRUE(before.checkpoint());
    right = !right_before;
    wall += hours{24 * 200};

    auto after = keeper();

    EXPECT_TRUE(after.restore(0));
    EXPECT_EQ(after.now(), 5000U + ClockKeeper::kUnwritten) << "right before: " << right_before;
    ASSERT_TRUE(after.forget());
  }
}

TEST_F(ClockKeeperTest, CatchesUpWhenTheWallClockHasBeenSetRight) {
  auto before = keeper();
  before.begin(5000);
  ASSERT_TRUE(before.checkpoint());
  right = false;
  wall += hours{10};
  auto after = keeper();
  ASSERT_TRUE(after.restore(0));
  ASSERT_TRUE(after.checkpoint());
  ASSERT_EQ(after.now(), 5000U + ClockKeeper::kUnwritten);
  right = true;

  ASSERT_TRUE(after.checkpoint());

  EXPECT_EQ(after.now(), 5000U + 36'000U);
  wall += hours{24 * 200};
  ASSERT_TRUE(after.checkpoint());
  EXPECT_EQ(after.now(), 5000U + 36'000U) << "once";
}

TEST_F(ClockKeeperTest, ACleanEndLeavesNothingUnwritten) {
  right = false;
  auto before = keeper();
  before.begin(5000);
  ASSERT_TRUE(before.checkpoint());
  pass(seconds{95});
  ASSERT_TRUE(before.finish());

  auto after = keeper();

  EXPECT_TRUE(after.restore(0));
  EXPECT_EQ(after.now(), 5095U);
  ASSERT_TRUE(after.checkpoint());
  pass(seconds{1});
  auto cut = keeper();
  EXPECT_TRUE(cut.restore(0));
  EXPECT_EQ(cut.now(), 5095U + ClockKeeper::kUnwritten) << "it has run since";
}

TEST_F(ClockKeeperTest, ARestartWithinTheSameSecondDoesNotMoveIt) {
  auto before = keeper();
  before.begin(5000);
  ASSERT_TRUE(before.checkpoint());

  auto after = keeper();

  EXPECT_TRUE(after.restore(0));
  EXPECT_EQ(after.now(), 5000U);
}

TEST_F(ClockKeeperTest, ADamagedFileLeavesTheClockOfTheRecord) {
  auto before = keeper();
  before.begin(5000);
  ASSERT_TRUE(before.checkpoint());
  std::ifstream stream{path(), std::ios::binary};
  const std::string good{std::istreambuf_iterator<char>{stream}, {}};

  for (std::size_t i = 0; i <= good.size(); ++i) {
    std::string damaged = good.substr(0, i);
    if (i == good.size()) damaged[0] ^= 1;
    std::ofstream{path(), std::ios::binary} << damaged;
    auto after = keeper();
    EXPECT_FALSE(after.restore(4321)) << i;
    EXPECT_EQ(after.now(), 4321U);
  }
}

TEST_F(ClockKeeperTest, OneDamagedFileOfTwoCostsWhatPassedBetweenThemAtMost) {
  auto before = keeper();
  before.begin(5000);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(before.checkpoint());
    uptime += hours{1};
    wall += hours{1};
  }
  const auto shown = before.now();

  for (const auto& damaged : {path(), path() + ".2"}) {
    std::ifstream stream{damaged, std::ios::binary};
    const std::string good{std::istreambuf_iterator<char>{stream}, {}};
    std::ofstream{damaged, std::ios::binary} << good.substr(1);
    auto after = keeper();
    EXPECT_TRUE(after.restore(4321));
    EXPECT_EQ(after.now(), shown) << "the wall clock tells the rest";
    std::ofstream{damaged, std::ios::binary} << good;
  }
}

TEST_F(ClockKeeperTest, WhatIsWrittenNextTakesThePlaceOfTheOlderOrTheDamaged) {
  auto before = keeper();
  before.begin(5000);
  ASSERT_TRUE(before.checkpoint());
  uptime += hours{1};
  ASSERT_TRUE(before.checkpoint());  // the newer of the two is the second file
  wall = {};                         // and nothing but the files tells the time from now on
  auto second = keeper();
  ASSERT_TRUE(second.restore(0));
  ASSERT_TRUE(second.checkpoint());
  std::filesystem::remove(path());

  auto third = keeper();

  EXPECT_TRUE(third.restore(0));
  EXPECT_EQ(third.now(), 8600U + ClockKeeper::kUnwritten) << "the second file was left alone";
}

TEST_F(ClockKeeperTest, AFileThatIsBehindTheRecordIsNotBelieved) {
  auto before = keeper();
  before.begin(5000);
  ASSERT_TRUE(before.checkpoint());

  auto after = keeper();

  EXPECT_TRUE(after.restore(9000));
  EXPECT_EQ(after.now(), 9000U);
}

TEST_F(ClockKeeperTest, ForgettingRemovesTheFiles) {
  auto clock = keeper();
  ASSERT_TRUE(clock.checkpoint());
  ASSERT_TRUE(clock.checkpoint());

  EXPECT_TRUE(clock.forget());
  EXPECT_TRUE(clock.forget()) << "twice does no harm";

  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST_F(ClockKeeperTest, SaysWhyItCannotBeWritten) {
  ClockKeeper lost{"/nowhere/clock", {.uptime = [this] { return uptime; }, .wall = [this] { return wall; }}};

  const auto written = lost.checkpoint();

  ASSERT_FALSE(written);
  EXPECT_NE(written.error().context.find("/nowhere/clock"), std::string::npos) << written.error().context;
}

}  // namespace
}  // namespace signet::fmdnd
