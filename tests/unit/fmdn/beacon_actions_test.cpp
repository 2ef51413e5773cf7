// What becomes of requests that are in order: answers, the owner, and changes that survive a power cut or never were.
#include "fmdn/beacon_actions.h"

#include "beacon_fixture.h"

namespace signet::fmdn::testing {
namespace {

using BeaconActionsTest = BeaconTest;

TEST_F(BeaconActionsTest, TellsItsParametersToAnyAccountKey) {
  const auto exchange = owner::read_parameters(nonce(), key(kGuest));
  const Outcome outcome = send(exchange);

  const auto answer = exchange.open(outcome.notification);
  ASSERT_TRUE(answer);
  const auto parameters = owner::decode_parameters(*answer, key(kGuest));
  ASSERT_TRUE(parameters);
  EXPECT_EQ(parameters->calibrated_power, -20);
  EXPECT_EQ(parameters->clock, 50'000U);
  EXPECT_EQ(parameters->curve, Curve::secp160r1);
  EXPECT_EQ(parameters->ring_parts, RingParts::left_right_and_case);
  EXPECT_TRUE(parameters->ring_volumes);
  EXPECT_EQ(outcome.account_key, kGuest);
}

TEST_F(BeaconActionsTest, OnlyReadingTheParametersSynchronisesTheClock) {
  start_provisioned();

  EXPECT_TRUE(send(owner::read_parameters(nonce(), owner_key())).clock_synchronised);
  EXPECT_FALSE(send(owner::read_provisioning_state(nonce(), owner_key())).clock_synchronised);
}

TEST_F(BeaconActionsTest, ReadingTheParametersChoosesNoOwner) {
  stored_.owner.reset();

  EXPECT_THAT(send(owner::read_parameters(nonce(), key(kGuest))), Succeeded());
  EXPECT_FALSE(stored_.owner);
}

TEST_F(BeaconActionsTest, TellsTheProvisioningState) {
  const auto state_for = [this](std::size_t index) {
    const auto exchange = owner::read_provisioning_state(nonce(), key(index));
    return owner::decode_provisioning_state(exchange.open(send(exchange).notification).value()).value();
  };

  EXPECT_FALSE(state_for(kOwner).provisioned);
  start_provisioned();
  EXPECT_TRUE(state_for(kOwner).provisioned);
  EXPECT_TRUE(state_for(kOwner).owner);
  EXPECT_EQ(state_for(kOwner).eid, eid_);
  EXPECT_FALSE(state_for(kGuest).owner);
}

TEST_F(BeaconActionsTest, TheFirstKeyThatReadsTheProvisioningStateIsTheOwners) {
  stored_.owner.reset();

  const auto exchange = owner::read_provisioning_state(nonce(), key(2));
  const auto outcome = send(exchange);

  EXPECT_EQ(stored_.owner, 2U);
  EXPECT_TRUE(owner::decode_provisioning_state(exchange.open(outcome.notification).value())->owner);
  EXPECT_THAT(send(owner::read_provisioning_state(nonce(), key(kGuest))), Succeeded());
  EXPECT_EQ(stored_.owner, 2U);
}

TEST_F(BeaconActionsTest, TheFirstKeyThatSetsAnIdentityKeyIsTheOwnersIfNoneIsYet) {
  stored_.owner.reset();

  EXPECT_THAT(send(owner::set_eik(nonce(), key(2), secret<kEikSize>(1), nullptr)), Succeeded());

  EXPECT_EQ(stored_.owner, 2U);
  EXPECT_TRUE(stored_.eik);
}

TEST_F(BeaconActionsTest, TheOnlyAccountKeyIsTheOwnersWithoutAChoice) {
  start_provisioned();
  stored_.owner.reset();
  account_keys_.resize(1);
  consent_ = true;

  const auto recovery = owner::read_eik(nonce(), recovery_key(eik()));
  EXPECT_THAT(recovery.open(send(recovery).notification),
              ::testing::Truly([](const auto& r) { return r.has_value(); }));
  EXPECT_THAT(send(owner::clear_eik(nonce(), key(0), eik())), Succeeded());
}

TEST_F(BeaconActionsTest, OfSeveralKeysNoneIsTheOwnersToClearBeforeTheChoice) {
  start_provisioned();
  stored_.owner.reset();

  EXPECT_THAT(send(owner::clear_eik(nonce(), owner_key(), eik())), IsRefused(Refusal::not_owner));
}

TEST_F(BeaconActionsTest, TakesItsFirstIdentityKey) {
  const Eik fresh = secret<kEikSize>(0x66);
  const auto exchange = owner::set_eik(nonce(), owner_key(), fresh, nullptr);

  const Outcome outcome = send(exchange);

  EXPECT_EQ(outcome.key, KeyChange::set);
  EXPECT_TRUE(exchange.open(outcome.notification));
  EXPECT_TRUE(std::ranges::equal(actions_->eik()->view(), fresh.view()));
  EXPECT_TRUE(std::ranges::equal(stored_.eik->view(), fresh.view()));
}

TEST_F(BeaconActionsTest, AReplacedKeyHoldsForTheNextRequest) {
  start_provisioned();
  const ShortKey former = ring_key(eik());

  EXPECT_EQ(send(owner::set_eik(nonce(), owner_key(), secret<kEikSize>(0x66), &eik())).key, KeyChange::replaced);

  EXPECT_THAT(send(owner::read_ringing_state(nonce(), former)), IsRefused(Refusal::not_authentic));
  EXPECT_THAT(send(owner::read_ringing_state(nonce(), ring_key(eik()))), Succeeded());
}

TEST_F(BeaconActionsTest, AClearedKeyIsForgottenAndItsModeLeft) {
  start_provisioned();
  send(owner::activate_unwanted_tracking(nonce(), unwanted_tracking_key(eik()), 1));
  const auto exchange = owner::clear_eik(nonce(), owner_key(), eik());

  const Outcome outcome = send(exchange);

  EXPECT_EQ(outcome.key, KeyChange::cleared);
  EXPECT_TRUE(exchange.open(outcome.notification));
  EXPECT_TRUE(outcome.mode_changed);
  EXPECT_EQ(actions_->eik(), nullptr);
  EXPECT_FALSE(actions_->unwanted_tracking().active());
  EXPECT_EQ(actions_->unwanted_tracking().control_flags(), 0);
}

TEST_F(BeaconActionsTest, ALocatorTagIsResetAfterItsKeyIsCleared) {
  profile_.locator_tag = true;
  start_provisioned();

  const Outcome outcome = send(owner::clear_eik(nonce(), owner_key(), eik()));

  EXPECT_TRUE(outcome.factory_reset);
  EXPECT_TRUE(stored_.factory_reset_due);
  EXPECT_FALSE(outcome.notification.empty());
}

TEST_F(BeaconActionsTest, AnOrdinaryDeviceIsNotReset) {
  start_provisioned();

  EXPECT_FALSE(send(owner::clear_eik(nonce(), owner_key(), eik())).factory_reset);
  EXPECT_FALSE(stored_.factory_reset_due);
}

TEST_F(BeaconActionsTest, GivesTheIdentityKeyBackWithConsent) {
  start_provisioned();
  consent_ = true;
  const auto exchange = owner::read_eik(nonce(), recovery_key(eik()));

  const auto answer = exchange.open(send(exchange).notification);

  ASSERT_TRUE(answer);
  EXPECT_TRUE(std::ranges::equal(owner::decode_eik(*answer, owner_key())->view(), eik().view()));
}

TEST_F(BeaconActionsTest, EntersAndLeavesTheModeAgainstUnwantedTracking) {
  start_provisioned();
  const auto activation = owner::activate_unwanted_tracking(nonce(), unwanted_tracking_key(eik()), 0);

  const Outcome entered = send(activation);
  EXPECT_TRUE(activation.open(entered.notification));
  EXPECT_TRUE(entered.mode_changed);
  EXPECT_TRUE(actions_->unwanted_tracking().active());

  const auto end = owner::deactivate_unwanted_tracking(nonce(), eik());
  const Outcome left = send(end);
  EXPECT_TRUE(end.open(left.notification));
  EXPECT_TRUE(left.mode_changed);
  EXPECT_FALSE(actions_->unwanted_tracking().active());
}

TEST_F(BeaconActionsTest, RepeatedActivationReplacesTheFlagsAndRotatesNothing) {
  start_provisioned();
  send(owner::activate_unwanted_tracking(nonce(), unwanted_tracking_key(eik()), 1));

  const Outcome again = send(owner::activate_unwanted_tracking(nonce(), unwanted_tracking_key(eik()), 0));

  EXPECT_THAT(again, Succeeded());
  EXPECT_FALSE(again.mode_changed);
  EXPECT_FALSE(actions_->unwanted_tracking().skips_ringing_authentication());
}

TEST_F(BeaconActionsTest, LeavingAModeThatIsNotActiveSucceedsAndRotatesNothing) {
  start_provisioned();

  const Outcome outcome = send(owner::deactivate_unwanted_tracking(nonce(), eik()));

  EXPECT_THAT(outcome, Succeeded());
  EXPECT_FALSE(outcome.mode_changed);
}

TEST_F(BeaconActionsTest, TheModeIsNotKeptOverARestart) {
  start_provisioned();
  send(owner::activate_unwanted_tracking(nonce(), unwanted_tracking_key(eik()), 1));

  start();

  EXPECT_FALSE(actions_->unwanted_tracking().active());
}

TEST_F(BeaconActionsTest, AConnectionIsAuthenticatedByASuccessOfTheRightKeyUntilItEnds) {
  EXPECT_THAT(send(owner::read_parameters(nonce(), secret<16>(9).view())), IsRefused(Refusal::not_authentic));
  EXPECT_FALSE(actions_->authenticated(kPhone));

  EXPECT_THAT(send(owner::read_provisioning_state(nonce(), owner_key())), Succeeded());
  EXPECT_TRUE(actions_->authenticated(kPhone));
  EXPECT_FALSE(actions_->authenticated(kOther));

  actions_->disconnected(kPhone);
  EXPECT_FALSE(actions_->authenticated(kPhone));
}

TEST_F(BeaconActionsTest, FactoryResetForgetsTheKeyTheModeAndWhoIsAuthenticated) {
  start_provisioned();
  send(owner::activate_unwanted_tracking(nonce(), unwanted_tracking_key(eik()), 1));

  actions_->factory_reset();

  EXPECT_EQ(actions_->eik(), nullptr);
  EXPECT_FALSE(actions_->unwanted_tracking().active());
  EXPECT_FALSE(actions_->authenticated(kPhone));
}

// ---- changes that must survive a power cut ----

class PendingChangeTest : public BeaconTest {
 protected:
  // The write of an exchange, up to where the store has to act.
  void propose(const owner::Exchange& exchange) {
    ASSERT_FALSE(actions_->write(kPhone, exchange.request(), circumstances()));
    ASSERT_NE(actions_->pending(), nullptr);
  }
};

TEST_F(PendingChangeTest, NothingChangesBeforeTheCommit) {
  const Eik fresh = secret<kEikSize>(0x66);

  propose(owner::set_eik(nonce(), owner_key(), fresh, nullptr));

  EXPECT_EQ(actions_->eik(), nullptr);
  EXPECT_EQ(actions_->pending()->key, KeyChange::set);
  EXPECT_TRUE(std::ranges::equal(actions_->pending()->eik.view(), fresh.view()));
  EXPECT_FALSE(actions_->pending()->owner);
  EXPECT_FALSE(actions_->authenticated(kPhone));
}

TEST_F(PendingChangeTest, OfOwnerAndKeyIsOneChange) {
  stored_.owner.reset();

  propose(owner::set_eik(nonce(), key(2), secret<kEikSize>(1), nullptr));

  EXPECT_EQ(actions_->pending()->owner, 2U);
  EXPECT_EQ(actions_->pending()->key, KeyChange::set);
}

TEST_F(PendingChangeTest, ThatCannotBeStoredNeverWas) {
  start_provisioned();
  propose(owner::clear_eik(nonce(), owner_key(), eik()));

  EXPECT_THAT(actions_->abandon(), IsRefused(Refusal::internal));

  EXPECT_EQ(actions_->pending(), nullptr);
  ASSERT_NE(actions_->eik(), nullptr);
  EXPECT_THAT(send(owner::read_ringing_state(nonce(), ring_key(eik()))), Succeeded());
}

TEST_F(PendingChangeTest, OfTheOwnerThatCannotBeStoredLeavesTheChoiceOpen) {
  stored_.owner.reset();
  propose(owner::read_provisioning_state(nonce(), key(2)));
  EXPECT_EQ(actions_->pending()->owner, 2U);

  EXPECT_THAT(actions_->abandon(), IsRefused(Refusal::internal));

  EXPECT_THAT(send(owner::read_provisioning_state(nonce(), key(kGuest))), Succeeded());
  EXPECT_EQ(stored_.owner, kGuest);
}

TEST_F(PendingChangeTest, OtherWritesAreRefusedMeanwhileAndUseUpTheirNonces) {
  propose(owner::set_eik(nonce(), owner_key(), secret<kEikSize>(1), nullptr));
  const auto other = owner::read_parameters(nonce(kOther), owner_key());

  EXPECT_THAT(*actions_->write(kOther, other.request(), circumstances()), IsRefused(Refusal::internal));
  EXPECT_THAT(*actions_->write(kOther, other.request(), circumstances()), IsRefused(Refusal::no_nonce));
  EXPECT_THAT(actions_->commit(), Succeeded());
}

TEST_F(PendingChangeTest, TakesEffectThoughItsClientHasGone) {
  propose(owner::set_eik(nonce(), owner_key(), secret<kEikSize>(1), nullptr));
  actions_->disconnected(kPhone);

  EXPECT_THAT(actions_->commit(), Succeeded());

  EXPECT_NE(actions_->eik(), nullptr);
  EXPECT_FALSE(actions_->authenticated(kPhone));
}

TEST_F(PendingChangeTest, CommitWithoutOneChangesNothing) {
  EXPECT_THAT(actions_->commit(), IsRefused(Refusal::internal));
  EXPECT_EQ(actions_->eik(), nullptr);
}

TEST_F(PendingChangeTest, IsForgottenByAFactoryReset) {
  propose(owner::set_eik(nonce(), owner_key(), secret<kEikSize>(1), nullptr));

  actions_->factory_reset();

  EXPECT_THAT(actions_->commit(), IsRefused(Refusal::internal));
  EXPECT_EQ(actions_->eik(), nullptr);
}

// Power fails before the store, after it, and after the notification: there is either the old state and no
// notification, or the new one.
TEST_F(PendingChangeTest, WhatAClientWasToldSurvivesAPowerCutAtEveryStep) {
  for (const KeyChange change : {KeyChange::set, KeyChange::replaced, KeyChange::cleared}) {
    for (int steps = 0; steps <= 2; ++steps) {
      stored_.eik.reset();
      if (change != KeyChange::set) stored_.eik = secret<kEikSize>(0x55);
      start();
      const Eik fresh = secret<kEikSize>(0x66);
      propose(change == KeyChange::cleared
                  ? owner::clear_eik(nonce(), owner_key(), eik())
                  : owner::set_eik(nonce(), owner_key(), fresh, stored_.eik ? &*stored_.eik : nullptr));
      bool told = false;
      if (steps >= 1) persist();
      if (steps >= 2) told = !actions_->commit().notification.empty();

      start();

      const bool has_new = change == KeyChange::cleared ? actions_->eik() == nullptr
                                                        : actions_->eik() != nullptr &&
                                                              std::ranges::equal(actions_->eik()->view(), fresh.view());
      EXPECT_EQ(has_new, steps >= 1);
      EXPECT_EQ(told, steps >= 2);
      EXPECT_EQ(actions_->pending(), nullptr);
    }
  }
}

TEST_F(PendingChangeTest, TheOwnerThatAClientWasToldOfSurvivesAPowerCutAtEveryStep) {
  for (int steps = 0; steps <= 2; ++steps) {
    stored_.owner.reset();
    start();
    propose(owner::read_provisioning_state(nonce(), key(2)));
    bool told = false;
    if (steps >= 1) persist();
    if (steps >= 2) told = !actions_->commit().notification.empty();

    start();

    EXPECT_EQ(stored_.owner == 2U, steps >= 1);
    EXPECT_EQ(told, steps >= 2);
    EXPECT_EQ(send(owner::read_provisioning_state(nonce(), key(kGuest))).refusal, std::nullopt);
    EXPECT_EQ(stored_.owner, steps >= 1 ? 2U : kGuest);
  }
}

// What a cut between two records may leave, where owner and key cannot be stored at once.
TEST_F(PendingChangeTest, AnOwnerThatWasStoredWithoutItsKeyProvisionsAgain) {
  stored_.owner.reset();
  const Eik fresh = secret<kEikSize>(1);
  propose(owner::set_eik(nonce(), key(2), fresh, nullptr));
  stored_.owner = actions_->pending()->owner;

  start();

  EXPECT_EQ(send(owner::set_eik(nonce(), key(2), fresh, nullptr)).key, KeyChange::set);
}

}  // namespace
}  // namespace signet::fmdn::testing
