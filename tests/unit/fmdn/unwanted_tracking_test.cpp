#include "fmdn/unwanted_tracking.h"

#include <gtest/gtest.h>

namespace signet::fmdn {
namespace {

TEST(UnwantedTracking, IsOffAtFirst) {
  const UnwantedTracking mode;

  EXPECT_FALSE(mode.active());
  EXPECT_FALSE(mode.skips_ringing_authentication());
}

TEST(UnwantedTracking, TheAddressRotatesWithEachIdentifierWhileTheModeIsOff) {
  UnwantedTracking mode;

  for (int i = 0; i < 200; ++i) EXPECT_TRUE(mode.address_rotates());
}

TEST(UnwantedTracking, TheAddressIsHeldForADayWhileTheModeIsOn) {
  UnwantedTracking mode;
  mode.address_rotates();
  mode.activate(0);

  for (int day = 0; day < 3; ++day) {
    for (std::uint32_t i = 1; i < kRotationsPerAddress; ++i) EXPECT_FALSE(mode.address_rotates()) << i;
    EXPECT_TRUE(mode.address_rotates());
  }
  EXPECT_GE(kRotationsPerAddress * 1024, 24U * 3600);
}

TEST(UnwantedTracking, TheAddressRotatesOnceOnEnteringAndOnceOnLeaving) {
  UnwantedTracking mode;

  EXPECT_TRUE(mode.activate(0));
  EXPECT_FALSE(mode.activate(1));
  EXPECT_TRUE(mode.deactivate());
  EXPECT_FALSE(mode.deactivate());
}

TEST(UnwantedTracking, TheDayBeginsAnewWhenTheModeIsEnteredAgainButNotWhenItIsRepeated) {
  UnwantedTracking mode;
  mode.activate(0);
  for (std::uint32_t i = 1; i < kRotationsPerAddress; ++i) mode.address_rotates();

  mode.activate(0);
  EXPECT_TRUE(mode.address_rotates());

  for (std::uint32_t i = 1; i < kRotationsPerAddress; ++i) mode.address_rotates();
  mode.deactivate();
  mode.activate(0);
  EXPECT_FALSE(mode.address_rotates());
}

TEST(UnwantedTracking, FlagsLastUntilTheModeEnds) {
  UnwantedTracking mode;
  mode.activate(kSkipRingingAuthentication);
  EXPECT_TRUE(mode.skips_ringing_authentication());

  mode.deactivate();
  mode.activate(0);

  EXPECT_FALSE(mode.skips_ringing_authentication());
}

}  // namespace
}  // namespace signet::fmdn
