#include "fmdnd/battery.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/identity/temporary_directory.h"

namespace signet::fmdnd {
namespace {

TEST(FmdndBattery, ReadsThePercentageOfASupply) {
  identity::TemporaryDirectory root;
  std::filesystem::create_directory(root.path() + "/BAT0");
  const auto reading = [&](const char* content) {
    std::ofstream{root.path() + "/BAT0/capacity"} << content;
    return battery_percent(root.path(), "BAT0");
  };

  EXPECT_EQ(reading("57\n"), 57);
  EXPECT_EQ(reading("101\n"), std::nullopt);
  EXPECT_EQ(reading("-3\n"), std::nullopt);
  EXPECT_EQ(reading("much\n"), std::nullopt);
  EXPECT_EQ(battery_percent(root.path(), "BAT1"), std::nullopt);
}

TEST(FmdndBattery, LevelsBeginWhereTheyShould) {
  EXPECT_EQ(battery_level({}), fmdn::Battery::unsupported);
  EXPECT_EQ(battery_level(0), fmdn::Battery::critical);
  EXPECT_EQ(battery_level(10), fmdn::Battery::critical);
  EXPECT_EQ(battery_level(11), fmdn::Battery::low);
  EXPECT_EQ(battery_level(40), fmdn::Battery::low);
  EXPECT_EQ(battery_level(41), fmdn::Battery::normal);
  EXPECT_EQ(battery_level(100), fmdn::Battery::normal);
}

}  // namespace
}  // namespace signet::fmdnd
