// Ringing by Beacon Actions: what the client that asked is told, by what nonce and until when.
#include "beacon_fixture.h"

namespace signet::fmdn::testing {
namespace {

class RingNotificationTest : public BeaconTest {
 protected:
  RingNotificationTest() { start_provisioned(); }

  std::optional<Notification> told(RingState state) { return actions_->ring_notification(state, now_); }
  RingState state_read() {
    const auto exchange = owner::read_ringing_state(nonce(), ring_key(eik()));
    const auto answer = exchange.open(send(exchange).notification).value();
    const auto state = owner::decode_ringing_state(answer).value();
    EXPECT_EQ(state.ringing, ring_.ringing(now_));
    EXPECT_EQ(state.left, ring_.left(now_));
    return state.ringing != 0 ? RingState::started : RingState::requested;
  }
};

constexpr Components kAll = kLeft | kRight | kCase;

TEST_F(RingNotificationTest, ARingRequestHasNoOtherNotification) {
  const Outcome outcome = send(owner::ring(nonce(), ring_key(eik()), request(kRingAll, 120, 3)));

  EXPECT_THAT(outcome, Succeeded());
  EXPECT_TRUE(outcome.notification.empty());
  ASSERT_TRUE(ring_.sound());
  EXPECT_EQ(ring_.sound()->source, SoundSource::fmdn);
  EXPECT_EQ(ring_.sound()->components, kAll);
  EXPECT_EQ(ring_.sound()->volume, Volume::high);
  EXPECT_EQ(ring_.sound()->until, now_ + std::chrono::seconds{12});
}

TEST_F(RingNotificationTest, TellsThatItStartedWithRealComponents) {
  const auto notification = ring(kRingAll, 120);

  EXPECT_EQ(notification.value().to, kPhone);
  EXPECT_EQ(opened(notification), (RingNotice{RingState::started, kAll, Deciseconds{120}}));
}

TEST_F(RingNotificationTest, IsAuthenticatedByTheNonceOfTheRequestHoweverManyReadsThereWere) {
  ring(kLeft, 120);
  nonce();
  send(owner::read_parameters(nonce(), owner_key()));
  now_ += std::chrono::seconds{12};

  ASSERT_TRUE(ring_.expire(now_));

  EXPECT_EQ(opened(told(RingState::timed_out)), (RingNotice{RingState::timed_out, 0, Deciseconds{0}}));
}

TEST_F(RingNotificationTest, ARequestForTheStateInForceIsToldAndItsTimeOutStartsAnew) {
  ring(kLeft, 100);
  now_ += std::chrono::seconds{5};

  EXPECT_EQ(opened(ring(kLeft, 100)), (RingNotice{RingState::started, kLeft, Deciseconds{100}}));
}

TEST_F(RingNotificationTest, ANewTimeOutOverridesThoughOtherComponentsRing) {
  ring(kLeft, 6000);

  EXPECT_EQ(opened(ring(kCase, 10)), (RingNotice{RingState::started, kCase, Deciseconds{10}}));
}

TEST_F(RingNotificationTest, AStopIsToldEvenInSilence) {
  EXPECT_EQ(opened(ring(0, 0)), (RingNotice{RingState::requested, 0, Deciseconds{0}}));
  ring(kLeft, 100);
  EXPECT_EQ(opened(ring(0, 0xffff)), (RingNotice{RingState::requested, 0, Deciseconds{0}}));
  EXPECT_FALSE(ring_.sound());
}

TEST_F(RingNotificationTest, TheButtonIsTold) {
  ring(kLeft, 100);

  ring_.press_button();

  EXPECT_EQ(opened(told(RingState::button)), (RingNotice{RingState::button, 0, Deciseconds{0}}));
}

TEST_F(RingNotificationTest, AFailureToStartIsTold) {
  last_ring_ = owner::ring(nonce(), ring_key(eik()), request(kRingAll));
  send(*last_ring_);

  EXPECT_EQ(opened(settle(0)), (RingNotice{RingState::failed, 0, Deciseconds{0}}));
}

TEST_F(RingNotificationTest, AFailureToStopIsToldWithWhatStillRings) {
  ring(kLeft | kRight, 100);
  last_ring_ = owner::ring(nonce(), ring_key(eik()), request(0));
  send(*last_ring_);

  EXPECT_EQ(opened(settle(kLeft)), (RingNotice{RingState::failed, kLeft, Deciseconds{100}}));
}

TEST_F(RingNotificationTest, ADeviceThatCannotRingFailsToRingAll) {
  profile_.ring_parts = RingParts::none;
  start();

  EXPECT_EQ(opened(ring(kRingAll, 100)), (RingNotice{RingState::failed, 0, Deciseconds{0}}));
}

TEST_F(RingNotificationTest, SilenceEndsTheInterestOfWhoAsked) {
  ring(kLeft, 100);
  ring_.press_button();
  told(RingState::button);

  ring_.start({.source = SoundSource::dult, .components = kAll, .until = now_ + std::chrono::seconds{12}});

  EXPECT_FALSE(told(RingState::started));
}

TEST_F(RingNotificationTest, WhatOtherSourcesDoIsToldOnlyToWhoAskedToRing) {
  ring_.start({.source = SoundSource::dult, .components = kAll, .until = now_ + std::chrono::seconds{12}});
  EXPECT_FALSE(told(RingState::started));

  ring(kLeft, 100);
  ring_.start({.source = SoundSource::stream, .components = kAll, .until = now_ + std::chrono::seconds{3}});
  EXPECT_EQ(opened(told(RingState::started)), (RingNotice{RingState::started, kAll, Deciseconds{30}}));
}

TEST_F(RingNotificationTest, TheOwnerStopsASoundOfAnotherSource) {
  ring_.start({.source = SoundSource::dult, .components = kAll, .until = now_ + std::chrono::seconds{12}});

  EXPECT_EQ(opened(ring(0, 0)), (RingNotice{RingState::requested, 0, Deciseconds{0}}));

  EXPECT_THAT(ring_.take_ended(), ::testing::ElementsAre(SoundSource::dult));
}

TEST_F(RingNotificationTest, RingingOutlivesTheConnectionAndItsEndIsToldToNobody) {
  ring(kLeft, 100);

  actions_->disconnected(kPhone);

  EXPECT_EQ(ring_.ringing(now_), kLeft);
  EXPECT_FALSE(told(RingState::timed_out));
}

TEST_F(RingNotificationTest, WhoAskedLastIsTold) {
  ring(kLeft, 100, kPhone);

  EXPECT_EQ(ring(0, 0, kOther).value().to, kOther);
}

TEST_F(RingNotificationTest, ReadingTheStateTellsComponentsAndTime) {
  EXPECT_EQ(state_read(), RingState::requested);
  ring(kLeft | kCase, 100);
  now_ += std::chrono::seconds{3};
  EXPECT_EQ(state_read(), RingState::started);
  EXPECT_EQ(ring_.left(now_), Deciseconds{70});
}

TEST_F(RingNotificationTest, ANewIdentityKeyTakesTheContextButNotTheSound) {
  ring(kLeft, 100);

  const Outcome outcome = send(owner::set_eik(nonce(), owner_key(), secret<kEikSize>(0x66), &eik()));

  EXPECT_EQ(outcome.ring, RingStep::none);
  EXPECT_EQ(ring_.ringing(now_), kLeft);
  ring_.press_button();
  EXPECT_FALSE(told(RingState::button));
}

TEST_F(RingNotificationTest, TheEndOfTheIdentityKeyEndsTheSoundSilently) {
  ring(kLeft, 100);

  const Outcome outcome = send(owner::clear_eik(nonce(), owner_key(), eik()));
  EXPECT_EQ(outcome.ring, RingStep::silence);
  ring_.silence();

  EXPECT_FALSE(ring_.sound());
  EXPECT_FALSE(told(RingState::requested));
}

TEST_F(RingNotificationTest, TheEndOfTheIdentityKeyLeavesSilenceAlone) {
  EXPECT_EQ(send(owner::clear_eik(nonce(), owner_key(), eik())).ring, RingStep::none);
}

TEST_F(RingNotificationTest, ARefusedRequestLeavesSoundAndContextAsTheyWere) {
  ring(kLeft, 100);

  send(owner::ring(nonce(kOther), ring_key(eik()), request(kLeft, 0)), kOther);

  EXPECT_EQ(ring_.ringing(now_), kLeft);
  ring_.press_button();
  EXPECT_EQ(opened(told(RingState::button)).state, RingState::button);
}

// ---- without authentication, in the mode against unwanted tracking ----

class SkippedAuthenticationTest : public RingNotificationTest {
 protected:
  void activate(std::uint8_t flags) {
    ASSERT_THAT(send(owner::activate_unwanted_tracking(nonce(), unwanted_tracking_key(eik()), flags)), Succeeded());
  }
  const ShortKey no_key_ = secret<8>(0);
};

TEST_F(SkippedAuthenticationTest, AnyoneRingsWhileTheModeSaysSo) {
  activate(kSkipRingingAuthentication);

  EXPECT_EQ(send(owner::ring(nonce(kOther), no_key_, request(kLeft)), kOther).ring, RingStep::requested);
  EXPECT_FALSE(actions_->authenticated(kOther));
  EXPECT_EQ(settle(kLeft).value().to, kOther);
}

TEST_F(SkippedAuthenticationTest, TheModeAloneDoesNotLetAnyoneRing) {
  activate(0);

  EXPECT_THAT(send(owner::ring(nonce(), no_key_, request(kLeft))), IsRefused(Refusal::not_authentic));
}

TEST_F(SkippedAuthenticationTest, EndsWithTheMode) {
  activate(kSkipRingingAuthentication);
  send(owner::deactivate_unwanted_tracking(nonce(), eik()));

  EXPECT_THAT(send(owner::ring(nonce(), no_key_, request(kLeft))), IsRefused(Refusal::not_authentic));
}

TEST_F(SkippedAuthenticationTest, DoesNotSkipTheOtherChecks) {
  activate(kSkipRingingAuthentication);

  EXPECT_THAT(send(owner::ring(nonce(), no_key_, request(kLeft, 0))), IsRefused(Refusal::illegal_value));
  nonce();
  EXPECT_THAT(write(Bytes{5, 4, 1, 0, 1, 0}), IsRefused(Refusal::wrong_length));
  EXPECT_THAT(write(encode(DataId::ring, {}, encode(request(kLeft)))), IsRefused(Refusal::no_nonce));
}

TEST_F(SkippedAuthenticationTest, DoesNotCoverReadingTheState) {
  activate(kSkipRingingAuthentication);

  EXPECT_THAT(send(owner::read_ringing_state(nonce(), no_key_)), IsRefused(Refusal::not_authentic));
}

}  // namespace
}  // namespace signet::fmdn::testing
