// The accessory from the box to the reset, over its own characteristics.
#include <gmock/gmock.h>

#include <filesystem>

#include "fastpair/uuids.h"
#include "tests/unit/fmdnd/phone_fixture.h"

namespace signet::fmdnd {
namespace {

using bluez::Slot;
using std::chrono::seconds;

const std::string kDult{dult::kCharacteristicUuid};
constexpr auto kUnauthenticated = bluez::application_error(0x80);
constexpr auto kInvalidValue = bluez::application_error(0x81);
constexpr auto kNoConsent = bluez::application_error(0x82);

class AccessoryTest : public PhoneFixture {};

TEST_F(AccessoryTest, OutOfTheBoxNothingIsOnTheAir) {
  start();

  EXPECT_EQ(accessory_->state(), State::factory);
  EXPECT_FALSE(on_air(Slot::fmdn));
  EXPECT_FALSE(accessory_->problem());
}

TEST_F(AccessoryTest, PairingModeShowsTheModel) {
  start();

  ASSERT_TRUE(accessory_->start_pairing(seconds{60}));
  run_for();

  EXPECT_EQ(on_air(Slot::fast_pair), (Bytes{2, 1, 6, 6, 0x16, 0x2c, 0xfe, 0x92, 0x66, 0xe8}));
  EXPECT_THAT(accessory_->windows(), testing::ElementsAre("pairing"));
}

TEST_F(AccessoryTest, PairingModeEndsByItself) {
  start();

  ASSERT_TRUE(accessory_->start_pairing(seconds{1}));
  run_for(seconds{2});

  EXPECT_TRUE(accessory_->windows().empty());
}

TEST_F(AccessoryTest, APhoneThatPairsIsRememberedOverARestart) {
  start();
  pair();
  EXPECT_EQ(accessory_->state(), State::paired);
  ASSERT_TRUE(vault_.record);

  provision();
  restart();

  EXPECT_EQ(accessory_->state(), State::provisioned);
  EXPECT_EQ(on_air(Slot::fmdn), frame());
}

TEST_F(AccessoryTest, ALocatorTagThatWasPairedButNeverProvisionedIsResetAtTheStart) {
  start();
  pair();

  restart();

  EXPECT_EQ(accessory_->state(), State::factory);
}

TEST_F(AccessoryTest, ProvisioningPutsTheBeaconOnTheAir) {
  start();
  pair();

  provision();

  EXPECT_EQ(accessory_->state(), State::provisioned);
  EXPECT_EQ(on_air(Slot::fmdn), frame());
}

TEST_F(AccessoryTest, WhatCannotBeStoredChangesNothing) {
  start();
  pair();
  vault_.fails = Errc::no_service;

  const auto answer = ask(owner::set_eik(nonce(), key(), eik_, nullptr));

  EXPECT_FALSE(answer);
  EXPECT_EQ(error_, bluez::AttError::unlikely);
  EXPECT_EQ(accessory_->state(), State::paired);
  EXPECT_FALSE(on_air(Slot::fmdn));
  vault_.fails.reset();
  EXPECT_TRUE(ask(owner::set_eik(nonce(), key(), eik_, nullptr))) << "and it can be asked for again";
}

TEST_F(AccessoryTest, ParametersAndStateAreTold) {
  start();
  pair_and_provision();

  const auto parameters = owner::decode_parameters(ask(owner::read_parameters(nonce(), key())).value(), key()).value();
  const auto state =
      owner::decode_provisioning_state(ask(owner::read_provisioning_state(nonce(), key())).value()).value();

  EXPECT_EQ(parameters.clock, clock_->now());
  EXPECT_EQ(parameters.ring_parts, fmdn::RingParts::one);
  EXPECT_TRUE(state.provisioned);
  EXPECT_TRUE(state.owner);
  EXPECT_EQ(state.eid, fmdn::identity_at(eik_, clock_->now(), config_.beacon.curve)->eid);
}

TEST_F(AccessoryTest, ANonceServesOnce) {
  start();
  pair_and_provision();
  const auto once = nonce();

  EXPECT_TRUE(ask(owner::read_parameters(once, key())));
  EXPECT_FALSE(ask(owner::read_parameters(once, key())));

  EXPECT_EQ(error_, kUnauthenticated);
}

TEST_F(AccessoryTest, RingsUntilTheButtonIsPressed) {
  start();
  pair_and_provision();
  const auto ring =
      owner::ring(nonce(), fmdn::ring_key(eik_), {.operation = fmdn::kRingAll, .timeout = fmdn::Deciseconds{600}});

  const auto started = owner::decode_ring_notice(ask(ring).value()).value();
  const bool sounds = sound_.sounds.has_value();
  static_cast<void>(take_notifications(kBeaconActions));
  accessory_->press_button();
  run_for();
  const auto told = take_notifications(kBeaconActions);

  EXPECT_EQ(started.state, fmdn::RingState::started);
  EXPECT_TRUE(sounds);
  EXPECT_FALSE(sound_.sounds);
  ASSERT_EQ(told.size(), 1U);
  const auto stopped = owner::decode_ring_notice(ring.open(told[0]).value()).value();
  EXPECT_EQ(stopped.state, fmdn::RingState::button);
  EXPECT_EQ(stopped.ringing, 0);
}

TEST_F(AccessoryTest, RingingEndsInItsTime) {
  start();
  pair_and_provision();

  ASSERT_TRUE(ask(owner::ring(nonce(), fmdn::ring_key(eik_), {.operation = 1, .timeout = fmdn::Deciseconds{5}})));
  take_notifications(kBeaconActions);
  run_for(seconds{1});

  EXPECT_FALSE(sound_.sounds);
  EXPECT_EQ(take_notifications(kBeaconActions).size(), 1U);
}

TEST_F(AccessoryTest, ASounderThatFailsIsReported) {
  start();
  pair_and_provision();
  sound_.broken = true;

  const auto notice = owner::decode_ring_notice(
      ask(owner::ring(nonce(), fmdn::ring_key(eik_), {.operation = 1, .timeout = fmdn::Deciseconds{50}})).value());

  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->state, fmdn::RingState::failed);
}

TEST_F(AccessoryTest, UnwantedTrackingProtectionChangesFrameAndAddressAtOnce) {
  start();
  pair_and_provision();
  const auto before = address(Slot::fmdn);

  ASSERT_TRUE(ask(owner::activate_unwanted_tracking(nonce(), fmdn::unwanted_tracking_key(eik_), 0)));
  const auto during = address(Slot::fmdn);
  EXPECT_EQ(on_air(Slot::fmdn), frame(true));
  ASSERT_TRUE(ask(owner::deactivate_unwanted_tracking(nonce(), eik_)));

  EXPECT_EQ(on_air(Slot::fmdn), frame());
  EXPECT_NE(during, before);
  EXPECT_NE(address(Slot::fmdn), during);
}

TEST_F(AccessoryTest, TheKeyIsReadBackWithConsentOnly) {
  start();
  pair_and_provision();

  EXPECT_FALSE(ask(owner::read_eik(nonce(), fmdn::recovery_key(eik_))));
  EXPECT_EQ(error_, kNoConsent);
  accessory_->press_button();
  const auto answer = ask(owner::read_eik(nonce(), fmdn::recovery_key(eik_)));

  ASSERT_TRUE(answer);
  const auto recovered = owner::decode_eik(*answer, key());
  ASSERT_TRUE(recovered);
  EXPECT_TRUE(std::ranges::equal(recovered->view(), eik_.view()));
}

TEST_F(AccessoryTest, TheEndOfAWindowIsTold) {
  start();
  std::vector<std::vector<std::string>> told;
  accessory_->listen([&] { told.push_back(accessory_->windows()); });

  accessory_->give_consent(seconds{1});
  ASSERT_THAT(told, testing::ElementsAre(testing::ElementsAre("consent")));
  run_for(seconds{2});

  EXPECT_THAT(told, testing::ElementsAre(testing::ElementsAre("consent"), testing::IsEmpty()));
}

TEST_F(AccessoryTest, ClearingTheKeyResetsALocatorTagAndForgetsItForGood) {
  start();
  pair_and_provision();

  ASSERT_TRUE(ask(owner::clear_eik(nonce(), key(), eik_)));
  run_for();

  EXPECT_EQ(accessory_->state(), State::factory);
  EXPECT_FALSE(on_air(Slot::fmdn));
  restart();
  EXPECT_EQ(accessory_->state(), State::factory);
  EXPECT_FALSE(on_air(Slot::fmdn));
}

TEST_F(AccessoryTest, AStrangerRingsAndIdentifiesWhatFollowsHim) {
  start();
  pair_and_provision();
  connections_->leave("/phone");
  ASSERT_FALSE(write(kDult, dult::message(dult::Opcode::sound_start), "/stranger").error);
  EXPECT_FALSE(sound_.sounds) << "near its owner it answers nobody else";
  connections_->leave("/stranger");
  ASSERT_TRUE(ask(owner::activate_unwanted_tracking(nonce(), fmdn::unwanted_tracking_key(eik_), 0)));
  connections_->leave("/phone");

  ASSERT_FALSE(write(kDult, dult::message(dult::Opcode::sound_start), "/stranger").error);
  EXPECT_EQ(take_notifications(kDult), (std::vector<Bytes>{dult::command_response(0x0300, dult::Status::success)}));
  EXPECT_TRUE(sound_.sounds);
  ASSERT_FALSE(write(kDult, dult::message(dult::Opcode::sound_stop), "/stranger").error);
  EXPECT_EQ(take_notifications(kDult), (std::vector<Bytes>{dult::message(dult::Opcode::sound_completed)}));
  EXPECT_FALSE(sound_.sounds);

  ASSERT_FALSE(write(kDult, dult::message(dult::Opcode::get_identifier), "/stranger").error);
  EXPECT_EQ(take_notifications(kDult),
            (std::vector<Bytes>{dult::command_response(0x0404, dult::Status::invalid_command)}));
  accessory_->press_button();
  ASSERT_FALSE(write(kDult, dult::message(dult::Opcode::get_identifier), "/stranger").error);
  const auto eid = fmdn::identity_at(eik_, clock_->now(), config_.beacon.curve)->eid;
  const auto identifier =
      dult::make_identifier(BytesView{eid}.first<dult::kTruncatedEidSize>(), fmdn::recovery_key(eik_).view());
  EXPECT_EQ(take_notifications(kDult),
            (std::vector<Bytes>{dult::message(dult::Opcode::get_identifier_response, identifier)}));
  EXPECT_EQ(*accessory_->nfc_url(), dult::nfc_url(identifier, config_.device.model_id));
}

TEST_F(AccessoryTest, OneClientAtATime) {
  start();
  pair_and_provision();

  EXPECT_FALSE(read(kBeaconActions, "/other")) << "the owner's phone is there, and has shown its key";

  EXPECT_THAT(connections_->disconnected, testing::ElementsAre("/other"));
  connections_->leave("/phone");
  EXPECT_TRUE(read(kBeaconActions, "/another"));
}

TEST_F(AccessoryTest, ATagsSecondClientIsGoneBeforeItAsks) {
  start();
  pair_and_provision();

  connections_->seen("/org/bluez/sim0/dev_listener");

  EXPECT_THAT(connections_->disconnected, testing::ElementsAre("/org/bluez/sim0/dev_listener"));
}

TEST_F(AccessoryTest, WhatIsNotTheTagsStaysConnected) {
  start();
  pair_and_provision();

  connections_->seen("/org/bluez/sim1/dev_of_another_controller");
  connections_->bonds.insert("/org/bluez/sim0/dev_keyboard");
  connections_->seen("/org/bluez/sim0/dev_keyboard");

  EXPECT_THAT(connections_->disconnected, testing::IsEmpty());
}

TEST_F(AccessoryTest, PausedItIsOffTheAirAndForgetsNothing) {
  start();
  pair_and_provision();

  accessory_->pause(true);
  run_for();
  EXPECT_FALSE(on_air(Slot::fmdn));
  EXPECT_EQ(accessory_->state(), State::paused);
  accessory_->pause(false);
  run_for();

  EXPECT_EQ(on_air(Slot::fmdn), frame());
}

TEST_F(AccessoryTest, AStoreThatIsAwayIsAskedAgain) {
  vault_.fails = Errc::no_service;
  start();
  EXPECT_EQ(accessory_->state(), State::starting);
  ASSERT_TRUE(accessory_->problem());
  EXPECT_EQ(accessory_->problem()->code, Errc::no_service);
  EXPECT_FALSE(read(kBeaconActions));

  vault_.fails.reset();
  run_for(seconds{3});

  EXPECT_EQ(accessory_->state(), State::factory);
  EXPECT_FALSE(accessory_->problem());
}

TEST_F(AccessoryTest, TheClockNeverGoesBackOverARestart) {
  start();
  pair_and_provision();
  uptime_ += std::chrono::hours{30};
  const auto before = clock_->now();

  restart();

  EXPECT_GE(clock_->now(), before);
  EXPECT_EQ(on_air(Slot::fmdn), frame());
}

TEST_F(AccessoryTest, AProvisionedTagIsQuietButForItsBeacon) {
  start();
  pair();
  EXPECT_TRUE(on_air(Slot::fast_pair));

  provision();

  EXPECT_FALSE(on_air(Slot::fast_pair)) << "its owner has it, and knows its clock";
}

TEST_F(AccessoryTest, APowerCutSoonAfterProvisioningDoesNotTurnTheClockBack) {
  start();
  uptime_ += std::chrono::hours{2};
  pair_and_provision();
  const auto before = clock_->now();
  wall_ += seconds{100};

  ClockKeeper after{directory_.path("clock"), {.uptime = [this] { return uptime_; }, .wall = [this] { return wall_; }}};

  EXPECT_TRUE(after.restore(0));
  EXPECT_GE(after.now(), before + 100);
}

TEST_F(AccessoryTest, AResetThatOvertakesAnOwnersRequestLeavesNoOwner) {
  start();
  pair();
  const auto request = owner::set_eik(nonce(), key(), eik_, nullptr).request();
  std::optional<Result<void>> reset;

  accessory_->factory_reset([&](Result<void> outcome) { reset = std::move(outcome); });
  const auto written = write(kBeaconActions, request);

  ASSERT_TRUE(reset && *reset);
  EXPECT_TRUE(written.error);
  EXPECT_EQ(accessory_->state(), State::factory);
  restart();
  EXPECT_EQ(accessory_->state(), State::factory);
  EXPECT_FALSE(on_air(Slot::fmdn));
}

TEST_F(AccessoryTest, ARotationBeforeTheLinkEndsStillShowsTheOldKey) {
  const fmdn::Eik next{std::array<std::uint8_t, 32>{0x77}};
  start();
  pair_and_provision();
  ASSERT_TRUE(ask(owner::set_eik(nonce(), key(), next, &eik_)));

  rotate_once();

  EXPECT_EQ(on_air(Slot::fmdn), frame());
  connections_->leave("/phone");
  run_for();
  EXPECT_EQ(on_air(Slot::fmdn), frame_of(next));
}

TEST_F(AccessoryTest, ANameThatAResetOvertakesIsNotTheNextOwners) {
  start();
  pair();
  auto seeker = fastpair::Seeker::recall(key_, random_);
  const auto asked = seeker.action_request({.data_follows = true,
                                            .provider = air_->controller().identity,
                                            .data_id = fastpair::kPersonalisedName,
                                            .data = {}});
  ASSERT_FALSE(write(kKeyBasedPairing, asked.value()).error);

  accessory_->factory_reset([](const Result<void>&) {});
  write(fastpair::kAdditionalDataUuid, seeker.give_name("Alice's bag").value());

  ASSERT_TRUE(vault_.record);
  const auto kept = decode(*vault_.record, fastpair::KeepKeys::only_one);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->name, "");
}

TEST_F(AccessoryTest, AResetEndsTheFormerOwnersRinging) {
  start();
  pair_and_provision();
  ASSERT_TRUE(ask(
      owner::ring(nonce(), fmdn::ring_key(eik_), {.operation = fmdn::kRingAll, .timeout = fmdn::Deciseconds{6000}})));
  ASSERT_TRUE(sound_.sounds);

  accessory_->factory_reset([](const Result<void>&) {});
  run_for();

  EXPECT_FALSE(sound_.sounds);
  EXPECT_EQ(accessory_->ringing(), 0);
}

TEST_F(AccessoryTest, AResetLetsTheNextOneIn) {
  start();
  pair_and_provision();
  ASSERT_FALSE(read(kBeaconActions, "/other")) << "its owner is connected, and has proved it";

  accessory_->factory_reset([](const Result<void>&) {});
  run_for();

  EXPECT_THAT(connections_->disconnected, testing::Contains("/phone"));
  EXPECT_TRUE(read(kBeaconActions, "/other"));
}

TEST_F(AccessoryTest, AnAbandonedTagIsResetOnceThatCanBeStored) {
  start();
  pair();
  vault_.save_fails = Errc::no_space;
  restart();
  EXPECT_EQ(accessory_->state(), State::paired);

  vault_.save_fails.reset();
  run_for(seconds{3});

  EXPECT_EQ(accessory_->state(), State::factory);
}

TEST_F(AccessoryTest, ARadioThatIsOffIsAProblemUntilItIsBack) {
  start();
  pair_and_provision();

  air_->set_power(false);
  run_for();
  ASSERT_TRUE(accessory_->problem());
  EXPECT_EQ(accessory_->problem()->code, Errc::no_service);
  EXPECT_NE(accessory_->problem()->context.find("is off; 'bluetoothctl power on'"), std::string::npos);
  air_->set_power(true);
  run_for();

  EXPECT_FALSE(accessory_->problem());
  EXPECT_EQ(on_air(Slot::fmdn), frame());
}

TEST_F(AccessoryTest, AFactoryResetByTheUserForgetsTheOwner) {
  start();
  pair_and_provision();
  std::optional<Result<void>> done;

  accessory_->factory_reset([&](Result<void> outcome) { done = std::move(outcome); });
  run_for();

  ASSERT_TRUE(done && *done);
  EXPECT_EQ(accessory_->state(), State::factory);
  EXPECT_FALSE(on_air(Slot::fmdn));
  EXPECT_FALSE(on_air(Slot::fast_pair)) << "nothing is resumed until the user acts";
}

TEST_F(AccessoryTest, WritesOfAnySizeAndContentDoNoHarm) {
  start();
  pair_and_provision();
  for (const std::size_t size : {0U, 1U, 2U, 9U, 10U, 16U, 50U, 80U, 200U, 512U}) {
    for (const auto* uuid : {kBeaconActions, kKeyBasedPairing, kAccountKey, kDult.c_str()}) {
      static_cast<void>(write(uuid, Bytes(size, 0x42)));
    }
  }

  EXPECT_EQ(on_air(Slot::fmdn), frame());
  static_cast<void>(nonce());
  EXPECT_EQ(write(kBeaconActions, {0x0f, 0x00}).error, kInvalidValue);
}

}  // namespace
}  // namespace signet::fmdnd
