#include "fmdnd/alarm.h"

#include <gtest/gtest.h>

namespace signet::fmdnd {
namespace {

using namespace std::chrono_literals;

struct AlarmTest : testing::Test {
  std::size_t run_for(std::chrono::milliseconds time) {
    loop.restart();
    return loop.run_for(time);
  }
  boost::asio::io_context loop;
  std::unique_ptr<Alarm> alarm = open_alarm(loop).value();
  std::vector<int> rung;
};

TEST_F(AlarmTest, RingsOnceInItsTime) {
  const auto begin = std::chrono::steady_clock::now();

  alarm->set(20ms, [this] { rung.push_back(1); });
  EXPECT_TRUE(rung.empty());
  while (rung.empty()) loop.run_one_for(5s);

  EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms);
  run_for(40ms);
  EXPECT_EQ(rung, (std::vector{1}));
}

TEST_F(AlarmTest, WhatIsDueRingsLaterNotAtOnce) {
  alarm->set(0ns, [this] { rung.push_back(1); });

  EXPECT_TRUE(rung.empty());
  while (rung.empty()) loop.run_one_for(5s);

  EXPECT_EQ(rung.size(), 1U);
}

TEST_F(AlarmTest, ForgetsWhatItWaitedForBefore) {
  alarm->set(1ns, [this] { rung.push_back(1); });

  alarm->set(1h, [this] { rung.push_back(2); });
  run_for(20ms);

  EXPECT_TRUE(rung.empty());
}

TEST_F(AlarmTest, MayBeSetAgainWhenItRings) {
  alarm->set(1ns, [this] {
    rung.push_back(1);
    alarm->set(1ns, [this] { rung.push_back(2); });
  });

  while (rung.size() < 2) loop.run_one_for(5s);

  EXPECT_EQ(rung, (std::vector{1, 2}));
}

TEST_F(AlarmTest, IsSilentOnceItIsGone) {
  alarm->set(1ns, [this] { rung.push_back(1); });

  alarm.reset();
  run_for(20ms);

  EXPECT_TRUE(rung.empty());
}

}  // namespace
}  // namespace signet::fmdnd
