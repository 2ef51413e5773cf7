// The irreversible step, and everything that must stop it.
#include "rpmbd/provisioning.h"

#include <gmock/gmock.h>

#include "tests/unit/file_size_limit.h"
#include "tests/unit/rpmbd/core_fixture.h"

namespace signet::rpmbd {
namespace {

using rpmb::Which;
using ::testing::Contains;
using testing::CoreFixture;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const ProvisioningOptions kNoBackup{.root_backup = "none-accepted"};

class ProvisioningTest : public CoreFixture {
 protected:
  Result<void> provision(const ProvisioningOptions& options = kNoBackup) {
    return core_->provisioning.provision(cid(), options);
  }
  // Whether the chip holds the key that is derived for it.
  bool has_our_key() const {
    const identity::RootSecret secret{std::span<const std::uint8_t, 32>{root_}};
    const auto key = identity::rpmb_key(secret, identity::mask(chip_.facts().cid));
    const auto& held = chip_.snapshot().registers.key;
    return held && std::equal(held->begin(), held->end(), key.view().begin());
  }
  bool has_a_key() const { return chip_.snapshot().registers.key.has_value(); }
};

TEST_F(ProvisioningTest, ThePlanSaysWhatWillHappenAndChangesNothing) {
  start();
  const auto before = chip_.counts().writes;

  const auto plan = core_->provisioning.plan();

  ASSERT_TRUE(plan) << to_string(plan.error());
  EXPECT_THAT(plan->refusals, IsEmpty());
  EXPECT_THAT(plan->steps, Contains(HasSubstr("RPMB request 0x0001")));
  EXPECT_THAT(plan->warnings, Contains(HasSubstr("loses it loses the chip for good")));
  EXPECT_EQ(plan->root_source, "test");
  EXPECT_EQ(chip_.counts().writes, before);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "provisioning"));
}

TEST_F(ProvisioningTest, ProgramsTheDerivedKeyMakesAStoreAndKeepsARecord) {
  start();

  const auto done = provision();

  ASSERT_TRUE(done) << to_string(done.error());
  EXPECT_TRUE(has_our_key());
  EXPECT_EQ(state(), State::ready);
  EXPECT_EQ(record()->state, Provisioned::programmed);
}

TEST_F(ProvisioningTest, TheRecordIsOnDiskBeforeTheKeyIsSent) {
  start();
  std::optional<Provisioned> seen;
  chip_.bus().set_hook([&](const rpmb::BusOperation& operation) {
    if (operation.writes && rpmb::type(operation.request.front()) == 1) seen = record()->state;
    return rpmb::Fault{};
  });

  ASSERT_TRUE(provision());

  EXPECT_EQ(seen, Provisioned::pending);
}

TEST_F(ProvisioningTest, SendsNothingWhenTheRecordCannotBeWritten) {
  std::ofstream{directory_ / "provisioning"} << "a file where the directory should be";
  core_.emplace(sources(), std::nullopt, false, registrar_);
  core_->chip.open();

  const auto refused = provision();

  ASSERT_FALSE(refused);
  EXPECT_FALSE(has_a_key());
}

TEST_F(ProvisioningTest, AFullDiskOfTheStateDirectoryStopsItBeforeTheChip) {
  start();
  const FileSizeLimit full{0};

  const auto refused = provision();

  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().context, HasSubstr("nothing was sent to the chip"));
  EXPECT_FALSE(has_a_key());
}

TEST_F(ProvisioningTest, WantsTheCidOfTheVeryChip) {
  start();

  for (const auto* wrong : {"", "00", "zz000000000000000000000000000000", "00000000000000000000000000000000"}) {
    const auto refused = core_->provisioning.provision(wrong, kNoBackup);

    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, Errc::invalid_argument);
    EXPECT_THAT(refused.error().context, HasSubstr("cid: "));
  }
  EXPECT_FALSE(has_a_key());
}

TEST_F(ProvisioningTest, WantsABackupOrTheWordThatThereIsNone) {
  start();

  for (const auto& options : {ProvisioningOptions{}, ProvisioningOptions{.root_backup = "yes"},
                              ProvisioningOptions{.root_backup = "proven", .root_backup_proof = Bytes(32)}}) {
    const auto refused = provision(options);

    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid_argument);
    EXPECT_THAT(refused.error().context, HasSubstr("root_backup"));
  }
  EXPECT_FALSE(has_a_key());
}

TEST_F(ProvisioningTest, ABackupIsProvenWithTheChallengeOfTheLastPlanOnce) {
  start();
  const identity::RootSecret secret{std::span<const std::uint8_t, 32>{root_}};
  const auto old = identity::backup_proof(secret, core_->provisioning.plan()->challenge);
  const auto current = identity::backup_proof(secret, core_->provisioning.plan()->challenge);

  const auto with_old = provision({.root_backup = "proven", .root_backup_proof = {old.begin(), old.end()}});
  const auto spent = provision({.root_backup = "proven", .root_backup_proof = {current.begin(), current.end()}});
  const auto fresh = identity::backup_proof(secret, core_->provisioning.plan()->challenge);
  const auto done = provision({.root_backup = "proven", .root_backup_proof = {fresh.begin(), fresh.end()}});

  EXPECT_FALSE(with_old);
  EXPECT_FALSE(spent);
  EXPECT_TRUE(done);
}

TEST_F(ProvisioningTest, ABackupOfAnotherSecretProvesNothing) {
  start();
  const Bytes other = root(0x33);
  const auto proof = identity::backup_proof(identity::RootSecret{std::span<const std::uint8_t, 32>{other}},
                                            core_->provisioning.plan()->challenge);

  const auto refused = provision({.root_backup = "proven", .root_backup_proof = {proof.begin(), proof.end()}});

  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().context, HasSubstr("root_backup_proof"));
  EXPECT_FALSE(has_a_key());
}

TEST_F(ProvisioningTest, IsRefusedOnAChipThatHasOurKey) {
  start_provisioned();

  const auto refused = provision();

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::already_exists);
  EXPECT_THAT(core_->provisioning.plan()->refusals, Contains(HasSubstr("provisioned already")));
}

TEST_F(ProvisioningTest, IsRefusedOnAChipWithAForeignKeyOrAForeignFileSystem) {
  auto foreign = rpmb::blank_chip(1, 2);
  foreign.registers.key = rpmb::ChipKey{9};
  chip_.restore(foreign);
  start();
  const auto wrong_key = provision();
  foreign.memory[0][0] = 0x42;
  foreign.memory[0][1] = 0x4d;
  foreign.memory[0][2] = 0x50;
  foreign.memory[0][3] = 0x52;
  chip_.restore(foreign);
  restart();
  const auto op_tee = provision();

  ASSERT_FALSE(wrong_key);
  EXPECT_EQ(wrong_key.error().code, Errc::wrong_key);
  ASSERT_FALSE(op_tee);
  EXPECT_EQ(op_tee.error().code, Errc::foreign_filesystem);
  EXPECT_EQ(chip_.counts().writes, 0U);
}

TEST_F(ProvisioningTest, IsRefusedWithoutARootSecretOrWithAnotherOne) {
  root_.clear();
  start();
  const auto missing = provision();
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::root_secret_missing);

  root_ = root(0x11);
  core_->chip.open();
  ASSERT_TRUE(provision());
  chip_.restore(rpmb::blank_chip(1, 2));
  root_ = root(0x22);
  restart();
  const auto changed = provision({.root_backup = "none-accepted", .again = true});

  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, Errc::root_secret_changed);
  EXPECT_FALSE(has_a_key());
}

TEST_F(ProvisioningTest, ADeniedKeyIsNeverSentAgainWithoutAnAdministrator) {
  start_provisioned();
  chip_.restore(rpmb::blank_chip(1, 2));  // or somebody who forges the answer "no key" to see the key in clear
  restart();
  ASSERT_EQ(problem(), "not_provisioned");
  EXPECT_THAT(core_->provisioning.plan()->warnings, Contains(HasSubstr("'again'")));

  const auto refused = provision();

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid_argument);
  EXPECT_THAT(refused.error().context, HasSubstr("again: "));
  EXPECT_FALSE(has_a_key());
  EXPECT_TRUE(provision({.root_backup = "none-accepted", .again = true}));
  EXPECT_TRUE(has_our_key());
}

TEST_F(ProvisioningTest, AStoreBehindALyingBusIsNotMadeAnew) {
  ASSERT_TRUE(start_provisioned().spaces.put(testing::grant("alice"), "x", Bytes{1}));
  bool lying = true;
  chip_.bus().set_hook([&](const rpmb::BusOperation& operation) {
    if (operation.writes) lying = false;
    return lying ? rpmb::Fault{.answer = rpmb::AnswerFate::forge, .code = 7} : rpmb::Fault{};
  });
  restart();
  ASSERT_EQ(problem(), "not_provisioned");

  EXPECT_TRUE(provision({.root_backup = "none-accepted", .again = true}));

  EXPECT_TRUE(core_->spaces.get(testing::grant("alice"), "x"));
}

TEST_F(ProvisioningTest, AFailureAnswerOfAChipThatTookTheKeyIsSeenThrough) {
  start();
  chip_.next(Which::write, {.answer = rpmb::AnswerFate::forge, .code = 1});

  const auto done = provision();

  EXPECT_TRUE(done) << to_string(done.error());
  EXPECT_TRUE(has_our_key());
}

TEST_F(ProvisioningTest, ASuccessAnswerOfAChipThatTookNothingIsSeenThrough) {
  start();
  chip_.next(Which::write, {.request = rpmb::RequestFate::drop, .answer = rpmb::AnswerFate::forge, .code = 0});

  const auto failed = provision();

  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::not_provisioned);
  EXPECT_FALSE(has_a_key());
  EXPECT_EQ(record()->state, Provisioned::pending);
}

TEST_F(ProvisioningTest, GoesOnAfterACutBetweenKeyAndStore) {
  start();
  chip_.bus().set_hook([&](const rpmb::BusOperation& operation) {
    const bool data = operation.writes && rpmb::type(operation.request.front()) == 3;
    return data ? rpmb::Fault{.request = rpmb::RequestFate::drop, .answer = rpmb::AnswerFate::lose} : rpmb::Fault{};
  });
  EXPECT_FALSE(provision());
  chip_.bus().set_hook({});
  power_cycle();
  EXPECT_EQ(problem(), "not_formatted");
  EXPECT_THAT(core_->provisioning.plan()->refusals, IsEmpty());

  const auto done = provision();

  EXPECT_TRUE(done) << to_string(done.error());
  EXPECT_EQ(state(), State::ready);
}

// The store of a chip in use is never made anew by a provisioning, only by an explicit format.
TEST_F(ProvisioningTest, ALostStoreOnAUsedChipIsNotMadeAnew) {
  start_provisioned();
  auto erased = chip_.snapshot();
  for (auto& block : erased.memory) block.fill(0);
  chip_.restore(erased);
  restart();

  const auto refused = provision();

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::not_formatted);
  EXPECT_TRUE(core_->provisioning.format(cid(), 0));
  EXPECT_EQ(state(), State::ready);
}

TEST_F(ProvisioningTest, FormatErasesEverythingAndWantsTheCidAndAProperRegion) {
  start_provisioned();
  ASSERT_TRUE(core_->spaces.put(testing::grant("a"), "x", Bytes{1}));

  EXPECT_FALSE(core_->provisioning.format("00", 0));
  EXPECT_FALSE(core_->provisioning.format(cid(), 1000));
  EXPECT_FALSE(core_->provisioning.format(cid(), 256 * 1024));  // the chip has 128 KiB
  EXPECT_TRUE(core_->spaces.get(testing::grant("a"), "x"));
  ASSERT_TRUE(core_->provisioning.format(cid(), 128 * 1024));

  EXPECT_EQ(core_->spaces.get(testing::grant("a"), "x").error().code, Errc::not_found);
}

TEST_F(ProvisioningTest, WithoutAChipThereIsNothingToPlan) {
  absent_ = Error{Errc::no_chip, "test"};
  start();

  const auto plan = core_->provisioning.plan();

  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, Errc::no_chip);
  EXPECT_EQ(provision().error().code, Errc::no_chip);
}

}  // namespace
}  // namespace signet::rpmbd
