#include "dult/motion_detector.h"

#include <gtest/gtest.h>

#include "tests/unit/random_octets.h"

namespace signet::dult {
namespace {

using State = MotionDetector::State;
using Todo = MotionDetector::Todo;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Time kStart{777};

class MotionDetectorTest : public testing::Test {
 protected:
  // Goes to the next deadline and does there what is to be done.
  Todo step() {
    const auto due = detector_.deadline();
    EXPECT_TRUE(due);
    now_ = due.value_or(now_);
    return detector_.advance(now_);
  }

  void become_passive() {
    detector_.separated(now_, 0);
    EXPECT_EQ(step(), Todo::nothing);
    EXPECT_EQ(detector_.state(), State::passive);
  }

  // Samples once, moves, and has the sound take `length`.
  void move_and_sound(Time length) {
    EXPECT_EQ(step(), Todo::sample);
    EXPECT_EQ(detector_.sampled(true, now_), Todo::play);
    now_ += length;
    detector_.sound(MotionSound::ended, now_);
  }

  MotionDetector detector_;
  Time now_ = kStart;
};

TEST_F(MotionDetectorTest, IsOffUntilSeparated) {
  EXPECT_EQ(detector_.state(), State::off);
  EXPECT_EQ(detector_.deadline(), std::nullopt);
  EXPECT_EQ(detector_.advance(hours{100}), Todo::nothing);
  EXPECT_EQ(detector_.sampled(true, now_), Todo::nothing);
}

TEST_F(MotionDetectorTest, WaitsEightHoursAtLeast) {
  detector_.separated(now_, 0);

  EXPECT_EQ(detector_.deadline(), kStart + hours{8});
  EXPECT_EQ(detector_.advance(kStart + hours{8} - milliseconds{1}), Todo::nothing);
  EXPECT_EQ(detector_.state(), State::waiting);
  EXPECT_EQ(detector_.sampled(true, now_), Todo::nothing);
}

TEST_F(MotionDetectorTest, WaitsTwentyFourHoursAtMost) {
  detector_.separated(now_, 0xffffffff);

  EXPECT_EQ(detector_.deadline(), kStart + hours{24});
}

TEST_F(MotionDetectorTest, WaitsEvenlyInBetween) {
  detector_.separated(now_, 0x80000000);

  EXPECT_EQ(detector_.deadline(), kStart + hours{16});
}

TEST_F(MotionDetectorTest, IsNotStartedAnewWhileSeparated) {
  detector_.separated(now_, 0);
  detector_.separated(now_ + hours{1}, 0xffffffff);

  EXPECT_EQ(detector_.deadline(), kStart + hours{8});
}

TEST_F(MotionDetectorTest, SamplesEveryTenSecondsWhilePassive) {
  become_passive();
  const Time passive = now_;

  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(step(), Todo::sample);
    EXPECT_EQ(now_, passive + i * seconds{10});
    EXPECT_EQ(detector_.sampled(false, now_), Todo::nothing);
  }
}

TEST_F(MotionDetectorTest, SoundsAtTheFirstMotionAndDoesNotSampleMeanwhile) {
  become_passive();
  step();

  EXPECT_EQ(detector_.sampled(true, now_), Todo::play);

  EXPECT_EQ(detector_.state(), State::first_sound);
  EXPECT_EQ(detector_.deadline(), std::nullopt);
  EXPECT_EQ(detector_.sampled(true, now_), Todo::nothing);
}

TEST_F(MotionDetectorTest, SamplesTwiceASecondAfterTheFirstSound) {
  become_passive();
  move_and_sound(kSoundDuration);
  const Time active = now_;

  for (int i = 1; i < 40; ++i) {
    EXPECT_EQ(step(), Todo::sample);
    EXPECT_EQ(now_, active + i * milliseconds{500});
    EXPECT_EQ(detector_.sampled(false, now_), Todo::nothing);
  }
}

TEST_F(MotionDetectorTest, BacksOffSixHoursTwentySecondsAfterTheFirstSound) {
  become_passive();
  move_and_sound(kSoundDuration);
  const Time active = now_;
  while (detector_.state() == State::active) step();

  EXPECT_EQ(now_, active + seconds{20});
  EXPECT_EQ(detector_.state(), State::back_off);
  EXPECT_EQ(detector_.deadline(), active + seconds{20} + hours{6});
}

TEST_F(MotionDetectorTest, TheTwentySecondsEndDuringALaterSound) {
  become_passive();
  move_and_sound(kSoundDuration);
  const Time active = now_;
  step();
  ASSERT_EQ(detector_.sampled(true, now_), Todo::play);
  EXPECT_EQ(detector_.deadline(), active + seconds{20});

  step();
  detector_.sound(MotionSound::ended, now_ + seconds{1});

  EXPECT_EQ(detector_.state(), State::back_off);
  EXPECT_EQ(detector_.deadline(), active + seconds{20} + hours{6});
}

TEST_F(MotionDetectorTest, ALaterSoundDoesNotProlongTheTwentySeconds) {
  become_passive();
  move_and_sound(kSoundDuration);
  const Time active = now_;

  move_and_sound(seconds{5});
  while (detector_.state() == State::active) step();

  EXPECT_EQ(now_, active + seconds{20});
}

TEST_F(MotionDetectorTest, BacksOffAfterTenSounds) {
  become_passive();

  for (int i = 1; i <= 10; ++i) {
    EXPECT_NE(detector_.state(), State::back_off) << i;
    move_and_sound(seconds{1});
  }

  EXPECT_EQ(detector_.state(), State::back_off);
  EXPECT_EQ(detector_.deadline(), now_ + hours{6});
}

TEST_F(MotionDetectorTest, BeginsAgainFromPassiveAfterTheBackOffAndCountsAnew) {
  become_passive();
  for (int i = 0; i < 10; ++i) move_and_sound(seconds{1});

  EXPECT_EQ(step(), Todo::nothing);
  EXPECT_EQ(detector_.state(), State::passive);
  EXPECT_EQ(detector_.deadline(), now_ + seconds{10});
  for (int i = 1; i <= 10; ++i) {
    EXPECT_NE(detector_.state(), State::back_off) << i;
    move_and_sound(seconds{1});
  }
  EXPECT_EQ(detector_.state(), State::back_off);
}

TEST_F(MotionDetectorTest, ARefusedFirstSoundLeavesItPassive) {
  become_passive();
  step();
  ASSERT_EQ(detector_.sampled(true, now_), Todo::play);

  detector_.sound(MotionSound::refused, now_);

  EXPECT_EQ(detector_.state(), State::passive);
  EXPECT_EQ(detector_.deadline(), now_ + seconds{10});
}

TEST_F(MotionDetectorTest, ARefusedLaterSoundDoesNotCount) {
  become_passive();
  move_and_sound(milliseconds{100});
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(step(), Todo::sample);
    ASSERT_EQ(detector_.sampled(true, now_), Todo::play);
    detector_.sound(MotionSound::refused, now_);
  }

  EXPECT_EQ(detector_.state(), State::active);
}

TEST_F(MotionDetectorTest, NearTheOwnerItIsOffFromEveryState) {
  detector_.separated(now_, 0);
  detector_.near_owner();
  EXPECT_EQ(detector_.deadline(), std::nullopt);

  become_passive();
  step();
  detector_.sampled(true, now_);
  detector_.near_owner();
  detector_.sound(MotionSound::ended, now_);  // of the sound that was under way
  EXPECT_EQ(detector_.state(), State::off);
}

TEST_F(MotionDetectorTest, SeparatedAgainItWaitsAndCountsFromTheBeginning) {
  become_passive();
  for (int i = 0; i < 9; ++i) move_and_sound(seconds{1});
  detector_.near_owner();
  become_passive();

  move_and_sound(seconds{1});

  EXPECT_EQ(detector_.state(), State::active);
}

TEST_F(MotionDetectorTest, ALateCallSkipsSamplesInsteadOfCatchingUp) {
  become_passive();
  now_ += std::chrono::minutes{10};

  EXPECT_EQ(detector_.advance(now_), Todo::sample);
  EXPECT_EQ(detector_.advance(now_), Todo::nothing);
  EXPECT_EQ(detector_.deadline(), now_ + seconds{10});
}

TEST_F(MotionDetectorTest, ASampleThatArrivesAfterTheActivePhaseIsIgnored) {
  become_passive();
  move_and_sound(seconds{1});

  EXPECT_EQ(detector_.sampled(true, now_ + seconds{20}), Todo::nothing);
}

TEST_F(MotionDetectorTest, AnyOrderOfCallsPlaysAtMostTenSoundsInSixHours) {
  RandomOctets random{1};
  detector_.separated(now_, 0);
  Time hour_of_first{0};
  int sounds = 0;
  for (int i = 0; i < 10 * kRandomStrings; ++i) {
    now_ += milliseconds{random.below(5000)};
    if (detector_.advance(now_) == Todo::sample && detector_.sampled(random.below(2) == 0, now_) == Todo::play) {
      if (now_ - hour_of_first > hours{6}) {
        hour_of_first = now_;
        sounds = 0;
      }
      ++sounds;
      ASSERT_LE(sounds, 10);
    }
    if (random.below(3) == 0) detector_.sound(MotionSound::ended, now_);
  }
  EXPECT_GT(hour_of_first, Time{0});
}

TEST(Motion, TwoAxesOfTenDegreesAreAMotion) {
  EXPECT_TRUE(turned({0, 0, 0}, {10, 10, 0}));
  EXPECT_TRUE(turned({0, 0, 0}, {-10, 0, 10}));
  EXPECT_TRUE(turned({0, 0, 0}, {0, 90, -90}));
}

TEST(Motion, OneAxisOrFewerDegreesAreNone) {
  EXPECT_FALSE(turned({0, 0, 0}, {90, 0, 0}));
  EXPECT_FALSE(turned({0, 0, 0}, {9.9, 9.9, 9.9}));
  EXPECT_FALSE(turned({0, 0, 0}, {90, 9.9, -9.9}));
}

TEST(Motion, TheLesserWayRoundCounts) {
  EXPECT_FALSE(turned({359, 0, -179}, {1, 0, 179}));
  EXPECT_TRUE(turned({355, 0, -175}, {5, 0, 175}));
}

}  // namespace
}  // namespace signet::dult
