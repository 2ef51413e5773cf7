// The states of the chip and their names: whatever is wrong, the daemon says which of it.
#include "rpmbd/chip.h"

#include <gmock/gmock.h>

#include "tests/unit/rpmbd/core_fixture.h"

namespace signet::rpmbd {
namespace {

using rpmb::Which;
using testing::CoreFixture;
using testing::grant;
using ::testing::HasSubstr;

class ChipTest : public CoreFixture {
 protected:
  Result<void> put(const std::string& name) { return core_->spaces.put(grant("a"), name, Bytes{1, 2, 3}); }
  Result<Bytes> get(const std::string& name) { return core_->spaces.get(grant("a"), name); }
};

TEST_F(ChipTest, IsUnavailableWithoutAChipAndSaysWhyInEveryAnswer) {
  absent_ = Error{Errc::no_chip, "no /dev/mmcblk*rpmb"};

  start();

  EXPECT_EQ(state(), State::unavailable);
  EXPECT_EQ(problem(), "no_chip");
  const auto answer = get("x");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::no_chip);
  EXPECT_THAT(answer.error().context, HasSubstr("no /dev/mmcblk*rpmb. Is there an RPMB node"));
}

TEST_F(ChipTest, EveryReasonNotToOpenTheNodeKeepsItsName) {
  for (const auto code :
       {Errc::no_chip, Errc::chip_permission, Errc::not_rpmb, Errc::busy, Errc::geometry, Errc::config_invalid}) {
    absent_ = Error{code, "test"};

    start();

    EXPECT_EQ(problem(), name(code));
    EXPECT_EQ(state(), State::unavailable);
  }
}

TEST_F(ChipTest, ANewChipIsNotProvisioned) {
  start();

  EXPECT_EQ(problem(), "not_provisioned");
  EXPECT_EQ(core_->chip.status().provisioned, false);
}

TEST_F(ChipTest, IsReadyOnceProvisionedAndAfterEveryRestart) {
  start_provisioned();
  EXPECT_EQ(state(), State::ready);
  ASSERT_TRUE(put("x"));

  restart();

  EXPECT_EQ(state(), State::ready);
  EXPECT_EQ(problem(), "");
  EXPECT_EQ(*get("x"), (Bytes{1, 2, 3}));
}

TEST_F(ChipTest, AMissingRootSecretIsNamedAndALaterOneIsPickedUp) {
  start_provisioned();
  root_.clear();
  restart();
  EXPECT_EQ(problem(), "root_secret_missing");
  EXPECT_TRUE(worth_retrying(core_->chip.status()));

  root_ = root(0x11);
  core_->chip.open();

  EXPECT_EQ(state(), State::ready);
}

TEST_F(ChipTest, AChangedRootSecretIsToldFromAForeignKeyByTheRecord) {
  start_provisioned();
  root_ = root(0x22);

  restart();

  EXPECT_EQ(problem(), "root_secret_changed");
  EXPECT_THAT(problem_text(), HasSubstr("was provisioned with"));
  EXPECT_TRUE(worth_retrying(core_->chip.status()));  // no frame is sent for it
}

TEST_F(ChipTest, AForeignKeyOnAnUnknownChipIsAWrongKey) {
  chip_.program_key(rpmb::ChipKey{9});

  start();

  EXPECT_EQ(problem(), "wrong_key");
}

TEST_F(ChipTest, AnOpTeeFileSystemUnderAForeignKeyIsNamed) {
  auto state = rpmb::blank_chip(1, 2);
  state.registers.key = rpmb::ChipKey{9};
  const std::array<std::uint8_t, 4> magic{0x42, 0x4d, 0x50, 0x52};
  std::copy(magic.begin(), magic.end(), state.memory[0].begin());
  chip_.restore(state);

  start();

  EXPECT_EQ(problem(), "foreign_filesystem");
}

TEST_F(ChipTest, AChipThatForgetsItsKeyIsNotBelieved) {
  start_provisioned();
  auto blank = rpmb::blank_chip(1, 2);
  chip_.restore(blank);

  restart();

  EXPECT_EQ(problem(), "not_provisioned");
  EXPECT_THAT(problem_text(), HasSubstr("says that this chip was provisioned"));
}

TEST_F(ChipTest, ALostStateDirectoryIsNoReasonNotToWork) {
  start_provisioned();
  std::filesystem::remove_all(directory_ / "provisioning");

  restart();

  EXPECT_EQ(state(), State::ready);
  EXPECT_EQ(record()->state, Provisioned::programmed);  // written anew: a changed root secret will be noticed again
}

TEST_F(ChipTest, ADamagedRecordIsNamedAndStopsTheDaemonFromGuessing) {
  start_provisioned();
  std::ofstream{records_.path(identity::mask(chip_.facts().cid))} << "{";

  restart();

  EXPECT_EQ(problem(), "config_invalid");
  EXPECT_THAT(problem_text(), HasSubstr("provisioning record"));
}

TEST_F(ChipTest, TheRecordIsVerifiedOnlyAfterThePowerWasOff) {
  start_provisioned();
  restart();
  EXPECT_EQ(record()->state, Provisioned::programmed);

  power_cycle();

  EXPECT_EQ(record()->state, Provisioned::verified);
}

TEST_F(ChipTest, AnotherChipInTheSameSocketIsRefusedUntilAnAdministratorRefreshes) {
  start_provisioned();
  chip_.mutable_facts().cid[3] ^= 0xff;
  core_->chip.open();
  EXPECT_EQ(problem(), "chip_changed");
  EXPECT_FALSE(worth_retrying(core_->chip.status()));

  core_->chip.open(true);

  EXPECT_EQ(problem(), "wrong_key");  // it is looked at now: it holds the key that was derived for the other CID
}

TEST_F(ChipTest, AChipExchangedUnderTheRunningDaemonIsNoticedByTheNextOperation) {
  start_provisioned();
  chip_.set_absent(Errc::chip_changed);

  EXPECT_FALSE(put("x"));

  EXPECT_EQ(state(), State::unavailable);
  EXPECT_EQ(problem(), "chip_changed");
}

TEST_F(ChipTest, AChipThatGoesAwayMakesTheDaemonUnavailableAndItComesBack) {
  start_provisioned();
  ASSERT_TRUE(put("x"));
  chip_.set_absent(Errc::no_chip);
  EXPECT_FALSE(put("y"));
  EXPECT_EQ(problem(), "no_chip");
  EXPECT_TRUE(worth_retrying(core_->chip.status()));

  chip_.set_absent(std::nullopt);
  core_->chip.open();

  EXPECT_EQ(state(), State::ready);
  EXPECT_EQ(*get("x"), (Bytes{1, 2, 3}));
}

TEST_F(ChipTest, APassingTransferErrorChangesNothing) {
  start_provisioned();
  chip_.next(Which::write, {.answer = rpmb::AnswerFate::lose});

  EXPECT_TRUE(put("x"));

  EXPECT_EQ(state(), State::ready);
  EXPECT_GT(core_->chip.status().io.retries + core_->chip.status().io.doubts, 0U);
}

TEST_F(ChipTest, AWriteWhoseFateIsOpenIsShown) {
  start_provisioned();
  ASSERT_TRUE(put("x"));
  chip_.plan().add({Which::any, std::nullopt, {.request = rpmb::RequestFate::drop, .answer = rpmb::AnswerFate::lose}});

  const auto unknown = put("y");

  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Errc::outcome_unknown);
  EXPECT_TRUE(core_->chip.status().unsettled);
  chip_.plan().clear();
  EXPECT_TRUE(put("z"));
  EXPECT_FALSE(core_->chip.status().unsettled);
}

TEST_F(ChipTest, ACounterThatWentBackIsARollbackAndReadOnly) {
  start_provisioned();
  const auto old = chip_.snapshot();
  ASSERT_TRUE(put("x"));
  auto rolled_back = chip_.snapshot();
  rolled_back.registers.write_counter = old.registers.write_counter - 1;
  chip_.restore(rolled_back);

  restart();

  EXPECT_EQ(state(), State::read_only);
  EXPECT_EQ(problem(), "rollback");
  EXPECT_EQ(*get("x"), (Bytes{1, 2, 3}));
  const auto refused = put("y");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::read_only);
}

TEST_F(ChipTest, AnotherWriterIsNoticedAndItsContentTakenOnlyWhenAnAdministratorSaysSo) {
  start_provisioned();
  ASSERT_TRUE(put("x"));
  chip_.chip().set_write_counter(chip_.chip().state().registers.write_counter + 5);
  restart();
  EXPECT_EQ(state(), State::read_only);
  EXPECT_EQ(problem(), "foreign_writer");

  const auto accepted = core_->provisioning.accept(cid());

  ASSERT_TRUE(accepted) << to_string(accepted.error());
  EXPECT_EQ(state(), State::ready);
  EXPECT_TRUE(put("y"));
}

TEST_F(ChipTest, AnExpiredCounterMakesItReadOnlyForGood) {
  start_provisioned();
  ASSERT_TRUE(put("x"));
  chip_.chip().set_write_counter(0xffffffff);

  restart();

  EXPECT_EQ(state(), State::read_only);
  EXPECT_EQ(*get("x"), (Bytes{1, 2, 3}));
}

TEST_F(ChipTest, TheCounterCanBeReadWithoutAStore) {
  start_provisioned();
  auto erased = chip_.snapshot();
  for (auto& block : erased.memory) block.fill(0);
  chip_.restore(erased);
  restart();
  ASSERT_EQ(problem(), "not_formatted");

  const auto counter = core_->chip.read_counter();

  ASSERT_TRUE(counter);
  EXPECT_EQ(*counter, erased.registers.write_counter);
}

}  // namespace
}  // namespace signet::rpmbd
