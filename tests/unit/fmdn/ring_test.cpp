// Whose sound is heard, and until when.
#include "fmdn/ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace signet::fmdn {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Instant kNow{10'000};

Sound sound_of(SoundSource source, Components components = kRight, Instant length = Instant{12'000}) {
  return {.source = source, .components = components, .until = kNow + length};
}

class RingTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::optional<SoundSource> heard() const {
    return ring_.sound() ? std::optional{ring_.sound()->source} : std::nullopt;
  }
  Ring ring_;
};

TEST_F(RingTest, IsSilentAtFirst) {
  EXPECT_FALSE(ring_.sound());
  EXPECT_EQ(ring_.ringing(kNow), 0);
  EXPECT_EQ(ring_.left(kNow), Deciseconds{0});
  EXPECT_FALSE(ring_.press_button());
  EXPECT_FALSE(ring_.expire(kNow));
  EXPECT_THAT(ring_.take_ended(), IsEmpty());
}

TEST_F(RingTest, TellsTheRemainingTimeNeverAsNothingWhileItRings) {
  ring_.start(sound_of(SoundSource::fmdn, kLeft, Instant{1'250}));

  EXPECT_EQ(ring_.left(kNow), Deciseconds{13});
  EXPECT_EQ(ring_.left(kNow + Instant{1'249}), Deciseconds{1});
  EXPECT_EQ(ring_.ringing(kNow + Instant{1'249}), kLeft);
  EXPECT_EQ(ring_.left(kNow + Instant{1'250}), Deciseconds{0});
  EXPECT_EQ(ring_.ringing(kNow + Instant{1'250}), 0);
}

TEST_F(RingTest, TheRemainingTimeStaysWithinItsOctets) {
  ring_.start(sound_of(SoundSource::local, kLeft, Instant{10'000'000}));

  EXPECT_EQ(ring_.left(kNow), Deciseconds{65'535});
}

TEST_F(RingTest, EndsWhenItsTimeHasCome) {
  ring_.start(sound_of(SoundSource::fmdn));

  EXPECT_FALSE(ring_.expire(kNow + Instant{11'999}));
  EXPECT_TRUE(ring_.expire(kNow + Instant{12'000}));
  EXPECT_FALSE(ring_.sound());
  EXPECT_THAT(ring_.take_ended(), ElementsAre(SoundSource::fmdn));
  EXPECT_THAT(ring_.take_ended(), IsEmpty());
}

TEST_F(RingTest, ANewSoundOfTheSameSourceReplacesTheOldOneWithItsTimeOut) {
  ring_.start(sound_of(SoundSource::fmdn, kLeft | kRight, Instant{60'000}));

  ring_.start(sound_of(SoundSource::fmdn, kCase, Instant{1'000}));

  EXPECT_EQ(ring_.ringing(kNow), kCase);
  EXPECT_EQ(ring_.left(kNow), Deciseconds{10});
  EXPECT_THAT(ring_.take_ended(), IsEmpty());
}

TEST_F(RingTest, TheButtonEndsAnySound) {
  for (const auto source : {SoundSource::local, SoundSource::dult, SoundSource::stream, SoundSource::fmdn}) {
    ring_.start(sound_of(source));
    EXPECT_TRUE(ring_.press_button());
    EXPECT_FALSE(ring_.sound());
    EXPECT_THAT(ring_.take_ended(), ElementsAre(source));
  }
}

TEST_F(RingTest, TheLesserSourceYields) {
  ring_.start(sound_of(SoundSource::local));

  EXPECT_TRUE(ring_.start(sound_of(SoundSource::dult)));
  EXPECT_TRUE(ring_.start(sound_of(SoundSource::stream)));
  EXPECT_TRUE(ring_.start(sound_of(SoundSource::fmdn)));
  EXPECT_TRUE(ring_.start(sound_of(SoundSource::stream)));
  EXPECT_EQ(heard(), SoundSource::stream);
}

TEST_F(RingTest, TheLesserSourceDoesNotTakeOver) {
  ring_.start(sound_of(SoundSource::fmdn));
  EXPECT_FALSE(ring_.start(sound_of(SoundSource::dult)));
  EXPECT_FALSE(ring_.start(sound_of(SoundSource::local)));
  EXPECT_EQ(heard(), SoundSource::fmdn);

  ring_.press_button();
  ring_.start(sound_of(SoundSource::dult));
  EXPECT_FALSE(ring_.start(sound_of(SoundSource::local)));
  EXPECT_EQ(heard(), SoundSource::dult);
}

TEST_F(RingTest, WhoWasTakenFromIsToldWhenSilenceReturns) {
  ring_.start(sound_of(SoundSource::dult));

  ring_.start(sound_of(SoundSource::fmdn));
  EXPECT_THAT(ring_.take_displaced(), ElementsAre(SoundSource::dult));
  EXPECT_THAT(ring_.take_displaced(), IsEmpty());
  EXPECT_THAT(ring_.take_ended(), IsEmpty());
  ring_.press_button();

  EXPECT_THAT(ring_.take_ended(), ElementsAre(SoundSource::fmdn, SoundSource::dult));
}

TEST_F(RingTest, WhoHasItsSoundBackIsToldOnce) {
  ring_.start(sound_of(SoundSource::stream));
  ring_.start(sound_of(SoundSource::fmdn));
  ring_.start(sound_of(SoundSource::stream));

  ring_.press_button();

  EXPECT_THAT(ring_.take_ended(), ElementsAre(SoundSource::stream, SoundSource::fmdn));
}

TEST_F(RingTest, TheOwnerAndThePairedPhoneStopAnySound) {
  for (const auto by : {SoundSource::fmdn, SoundSource::stream}) {
    for (const auto source : {SoundSource::local, SoundSource::dult, SoundSource::stream, SoundSource::fmdn}) {
      ring_.start(sound_of(source));
      EXPECT_TRUE(ring_.stop(by));
      EXPECT_FALSE(ring_.sound());
    }
  }
}

TEST_F(RingTest, AStrangerAndTheDeviceStopTheirOwnSoundOnly) {
  for (const auto by : {SoundSource::dult, SoundSource::local}) {
    ring_.start(sound_of(SoundSource::fmdn));
    EXPECT_FALSE(ring_.stop(by));
    EXPECT_EQ(heard(), SoundSource::fmdn);
    ring_.press_button();
    ring_.start(sound_of(by));
    EXPECT_TRUE(ring_.stop(by));
    EXPECT_FALSE(ring_.sound());
  }
}

TEST_F(RingTest, ASoundThatTheHardwareDoesNotMakeHasFailed) {
  ring_.start(sound_of(SoundSource::fmdn));

  EXPECT_EQ(ring_.settle(0), RingState::failed);

  EXPECT_FALSE(ring_.sound());
  EXPECT_THAT(ring_.take_ended(), ElementsAre(SoundSource::fmdn));
}

TEST_F(RingTest, OnlyTheComponentsThatDoRingAreTold) {
  ring_.start(sound_of(SoundSource::fmdn, kLeft | kRight | kCase));

  EXPECT_EQ(ring_.settle(kLeft), RingState::started);

  EXPECT_EQ(ring_.ringing(kNow), kLeft);
}

TEST_F(RingTest, AStopOfSilenceIsConfirmed) {
  EXPECT_TRUE(ring_.stop(SoundSource::fmdn));
  EXPECT_EQ(ring_.settle(0), RingState::requested);
}

TEST_F(RingTest, AStopThatTheHardwareDoesNotFollowHasFailedAndTheSoundGoesOn) {
  ring_.start(sound_of(SoundSource::fmdn, kLeft | kRight));
  ring_.stop(SoundSource::fmdn);

  EXPECT_EQ(ring_.settle(kRight), RingState::failed);

  EXPECT_EQ(ring_.ringing(kNow), kRight);
  EXPECT_THAT(ring_.take_ended(), IsEmpty());
}

TEST_F(RingTest, ASoundOfNoComponentsIsNoneAndEndsWhatItReplaces) {
  ring_.start(sound_of(SoundSource::fmdn));

  EXPECT_TRUE(ring_.start(sound_of(SoundSource::fmdn, 0)));

  EXPECT_FALSE(ring_.sound());
  EXPECT_EQ(ring_.settle(0), RingState::failed);
}

TEST_F(RingTest, SilenceForgetsWhoIsToBeTold) {
  ring_.start(sound_of(SoundSource::fmdn));
  ring_.set_context({.connection = 1, .nonce = {}});

  ring_.silence();

  EXPECT_FALSE(ring_.sound());
  EXPECT_FALSE(ring_.context());
}

TEST_F(RingTest, AConnectionThatEndsLeavesTheSoundAndTakesItsContextAlong) {
  ring_.start(sound_of(SoundSource::fmdn));
  ring_.set_context({.connection = 1, .nonce = {}});

  ring_.disconnected(2);
  EXPECT_TRUE(ring_.context());
  ring_.disconnected(1);

  EXPECT_FALSE(ring_.context());
  EXPECT_TRUE(ring_.sound());
}

// ---- requests ----

TEST(RingRequest, AllIsWhatTheDeviceHas) {
  EXPECT_EQ(components_of({.operation = kRingAll}, RingParts::none), 0);
  EXPECT_EQ(components_of({.operation = kRingAll}, RingParts::one), kRight);
  EXPECT_EQ(components_of({.operation = kRingAll}, RingParts::left_and_right), kLeft | kRight);
  EXPECT_EQ(components_of({.operation = kRingAll}, RingParts::left_right_and_case), kLeft | kRight | kCase);
}

TEST(RingRequest, AllIsAllowedWhateverTheDeviceHas) {
  for (const auto parts : {RingParts::none, RingParts::one, RingParts::left_and_right}) {
    EXPECT_FALSE(refusal_of({.operation = kRingAll, .timeout = Deciseconds{1}}, parts, false));
  }
}

TEST(RingRequest, ASingleComponentHasAnyName) {
  for (const Components one : {kRight, kLeft, kCase}) {
    EXPECT_FALSE(refusal_of({.operation = one, .timeout = Deciseconds{1}}, RingParts::one, false));
    EXPECT_EQ(components_of({.operation = one}, RingParts::one), one);
  }
}

TEST(RingRequest, MoreComponentsThanThereAreAreMissing) {
  const auto refusal = [](Components components, RingParts parts) {
    return refusal_of({.operation = components, .timeout = Deciseconds{1}}, parts, false);
  };

  EXPECT_EQ(refusal(kRight, RingParts::none), Refusal::missing_component);
  EXPECT_EQ(refusal(kRight | kLeft, RingParts::one), Refusal::missing_component);
  EXPECT_EQ(refusal(kRight | kLeft | kCase, RingParts::left_and_right), Refusal::missing_component);
  EXPECT_EQ(refusal(kCase, RingParts::left_and_right), Refusal::missing_component);
  EXPECT_EQ(refusal(kRight | kLeft | kCase, RingParts::left_right_and_case), std::nullopt);
}

TEST(RingRequest, TheTimeOutHasItsLimits) {
  const auto refusal = [](std::uint16_t deciseconds) {
    return refusal_of({.operation = kLeft, .timeout = Deciseconds{deciseconds}}, RingParts::one, false);
  };

  EXPECT_EQ(refusal(0), Refusal::illegal_value);
  EXPECT_EQ(refusal(1), std::nullopt);
  EXPECT_EQ(refusal(6000), std::nullopt);
  EXPECT_EQ(refusal(6001), Refusal::illegal_value);
}

TEST(RingRequest, AllVolumesAreAllowedWhereOneIs) {
  for (std::uint8_t volume = 0; volume <= 3; ++volume) {
    const RingRequest request{.operation = kLeft, .timeout = Deciseconds{1}, .volume = volume};
    EXPECT_EQ(refusal_of(request, RingParts::one, true), std::nullopt);
    EXPECT_EQ(refusal_of(request, RingParts::one, false).has_value(), volume != 0);
  }
}

TEST(RingRequest, AStopMayHaveAnyOtherValues) {
  EXPECT_FALSE(refusal_of({.operation = 0, .timeout = Deciseconds{0xffff}, .volume = 0xff}, RingParts::none, false));
}

TEST(RingRequest, IsDecodedAsItIsEncoded) {
  const RingRequest request{.operation = kLeft, .timeout = Deciseconds{0x1234}, .volume = 2};

  EXPECT_THAT(encode(request), ElementsAre(0x02, 0x12, 0x34, 0x02));
  EXPECT_EQ(encode(decode_ring_request(encode(request))), encode(request));
}

}  // namespace
}  // namespace signet::fmdn
