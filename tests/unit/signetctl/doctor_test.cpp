#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "signetctl/doctor/diagnose.h"

namespace signet::ctl {
namespace {

DaemonFacts healthy() {
  DaemonFacts facts;
  facts.version = "1";
  facts.state = "ready";
  facts.chip = "mmc at /dev/mmcblk0rpmb";
  facts.provisioned = true;
  facts.root_source = "systemd credential signet-root";
  facts.wear_percent = 1.5;
  facts.unclean_starts = 0;
  facts.slots = 100;
  facts.slots_free = 50;
  facts.space = "alice";
  facts.rights = {"store"};
  facts.quotas = {{"objects", 1, 64}};
  return facts;
}

DaemonFacts with_problem(const std::string& problem) {
  auto facts = healthy();
  facts.state = "unavailable";
  facts.problem = problem;
  facts.problem_text = "what happened";
  facts.remedy = "what to do";
  return facts;
}

DaemonFacts unreachable(Errc code, const std::string& text) {
  DaemonFacts facts;
  facts.code = static_cast<int>(code);
  facts.text = text;
  return facts;
}

PathFacts node(PathFacts::Kind kind) { return {.path = "/dev/mmcblk0rpmb", .kind = kind}; }

LocalFacts sane_machine() {
  LocalFacts facts;
  facts.unit_load = "loaded";
  facts.unit_active = "inactive";
  facts.config_valid = true;
  facts.nodes = {node(PathFacts::Kind::rpmb_device)};
  facts.roots = {{.path = "/etc/signet/root-secret", .kind = PathFacts::Kind::file, .mode = 0600}};
  facts.disks = {{"/var/lib/signet", 1 << 30}};
  return facts;
}

const Finding* find(const std::vector<Finding>& findings, std::string_view check, Level level) {
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [&](const Finding& f) { return f.check == check && f.level == level; });
  return found == findings.end() ? nullptr : &*found;
}

std::vector<Finding> failures(const std::vector<Finding>& findings) {
  std::vector<Finding> failed;
  std::copy_if(findings.begin(), findings.end(), std::back_inserter(failed),
               [](const Finding& f) { return f.level == Level::fail; });
  return failed;
}

TEST(Doctor, FindsNothingWrongWithAHealthyDevice) {
  const auto findings = diagnose(healthy(), std::nullopt);

  EXPECT_TRUE(std::all_of(findings.begin(), findings.end(), [](const Finding& f) { return f.level == Level::ok; }));
  EXPECT_EQ(findings.front().check, "bus");
  EXPECT_EQ(findings.back().check, "quotas");
}

TEST(Doctor, SaysThatAnEmulatedChipProtectsNothing) {
  auto facts = healthy();
  facts.emulated = true;

  const auto findings = diagnose(facts, std::nullopt);

  EXPECT_NE(find(findings, "chip", Level::warn), nullptr);
  EXPECT_TRUE(failures(findings).empty());
}

// What can be wrong with a chip or its daemon, the problem that the daemon names then, and the check it belongs to.
struct Fault {
  const char* name;
  const char* problem;
  const char* check;
};
class DaemonsProblem : public ::testing::TestWithParam<Fault> {};

TEST_P(DaemonsProblem, IsTheOneFailureWithCauseAndRemedyUnderItsCheck) {
  const auto findings = diagnose(with_problem(GetParam().problem), std::nullopt);

  const auto failed = failures(findings);
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].check, GetParam().check);
  EXPECT_EQ(failed[0].text, std::string{GetParam().problem} + ": what happened");
  EXPECT_EQ(failed[0].remedy, "what to do");
}

INSTANTIATE_TEST_SUITE_P(
    EveryOne, DaemonsProblem,
    ::testing::Values(
        Fault{"MalformedConfig", "config_invalid", "configuration"}, Fault{"WrongPath", "no_chip", "chip"},
        Fault{"BlockDevice", "not_rpmb", "chip"}, Fault{"ChipSwapped", "chip_changed", "chip"},
        Fault{"DiskFullUnderTheEmulator", "no_space", "chip"}, Fault{"IoError", "io", "chip"},
        Fault{"NoAnswerOfTheChip", "timeout", "chip"}, Fault{"NoPermission", "chip_permission", "permissions"},
        Fault{"BusyNodeOrTwoDaemons", "busy", "permissions"},
        Fault{"RootSecretMissing", "root_secret_missing", "root secret"},
        Fault{"RootSecretChanged", "root_secret_changed", "root secret"},
        Fault{"NotProvisioned", "not_provisioned", "provisioned"}, Fault{"ForeignKey", "wrong_key", "key"},
        Fault{"ForgedAnswers", "not_authentic", "key"}, Fault{"NoStore", "not_formatted", "store"},
        Fault{"StoreOfAnotherVersion", "unsupported_format", "store"}, Fault{"GeometryDisagrees", "geometry", "store"},
        Fault{"ForeignFilesystem", "foreign_filesystem", "store"}, Fault{"DamagedStore", "damaged", "store"},
        Fault{"CounterMovedByAnotherWriter", "foreign_writer", "writable"}, Fault{"Rollback", "rollback", "writable"},
        Fault{"CounterExpired", "worn_out", "writable"}, Fault{"MediaFailure", "media", "writable"}),
    [](const auto& fault) { return std::string{fault.param.name}; });

// rpmbd opens the chip, and then takes the root secret to authenticate it.
TEST(Doctor, ClaimsNothingAboutWhatComesAfterAProblem) {
  auto facts = with_problem("no_chip");
  facts.chip.clear();

  const auto findings = diagnose(facts, std::nullopt);

  EXPECT_NE(find(findings, "configuration", Level::ok), nullptr);
  for (const char* later : {"permissions", "root secret", "provisioned", "key", "store", "writable"}) {
    EXPECT_NE(find(findings, later, Level::skip), nullptr) << later;
  }
}

TEST(Doctor, KnowsTheChipWhenTheRootSecretIsMissing) {
  const auto findings = diagnose(with_problem("root_secret_missing"), std::nullopt);

  EXPECT_NE(find(findings, "chip", Level::ok), nullptr);
  EXPECT_NE(find(findings, "permissions", Level::ok), nullptr);
  EXPECT_NE(find(findings, "provisioned", Level::skip), nullptr);
}

TEST(Doctor, BlamesTheChipForWhatKeptItFromBeingOpened) {
  auto facts = with_problem("geometry");  // of [chip] size, not of the store
  facts.chip.clear();

  const auto findings = diagnose(facts, std::nullopt);

  EXPECT_NE(find(findings, "chip", Level::fail), nullptr);
  EXPECT_EQ(find(findings, "key", Level::ok), nullptr);
}

TEST(Doctor, KnowsNothingOfTheStartsWithoutAStore) {
  auto facts = with_problem("not_formatted");
  facts.unclean_starts = std::nullopt;

  EXPECT_NE(find(diagnose(facts, std::nullopt), "starts", Level::skip), nullptr);
}

TEST(Doctor, NamesAHungDaemon) {
  const auto failed = failures(diagnose(unreachable(Errc::timeout, "no answer within 30 s"), std::nullopt));

  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].check, "daemon");
  EXPECT_NE(failed[0].remedy.find("systemctl restart rpmbd"), std::string::npos);
}

TEST(Doctor, TellsAMissingBusFromAMissingDaemon) {
  const auto bus = diagnose(unreachable(Errc::no_service, "the system bus cannot be reached"), std::nullopt);
  const auto daemon = diagnose(unreachable(Errc::no_service, "rpmbd is not running"), std::nullopt);

  EXPECT_EQ(failures(bus)[0].check, "bus");
  EXPECT_EQ(failures(daemon)[0].check, "daemon");
  EXPECT_NE(find(daemon, "bus", Level::ok), nullptr);
}

TEST(Doctor, SendsAUserWithoutPolicyEntryToThePolicy) {
  const auto findings = diagnose(unreachable(Errc::access_denied, "no entry"), std::nullopt);

  const auto failed = failures(findings);
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].check, "policy");
  EXPECT_NE(failed[0].remedy.find("[[client]]"), std::string::npos);
  EXPECT_NE(find(findings, "daemon", Level::ok), nullptr);
}

TEST(Doctor, NamesAnInterfaceOfAnotherGeneration) {
  const auto findings = diagnose(unreachable(Errc::incompatible, "1 and 2"), std::nullopt);

  EXPECT_NE(find(findings, "interface", Level::fail), nullptr);
}

TEST(Doctor, WarnsOfWearAndFailsWhenItIsSpent) {
  auto facts = healthy();
  facts.wear_percent = 85;
  EXPECT_NE(find(diagnose(facts, std::nullopt), "wear", Level::warn), nullptr);

  facts.wear_percent = 100;
  EXPECT_NE(find(diagnose(facts, std::nullopt), "wear", Level::fail), nullptr);
}

TEST(Doctor, NamesAFullStoreAndAnExhaustedQuota) {
  auto facts = healthy();
  facts.slots_free = 0;
  facts.quotas = {{"objects", 64, 64}, {"keys", 13, 16}};

  const auto findings = diagnose(facts, std::nullopt);

  const auto failed = failures(findings);
  ASSERT_EQ(failed.size(), 2u);
  EXPECT_EQ(failed[0].text, "100 of 100 slots of the store are used");
  EXPECT_EQ(failed[1].text, "64 of 64 objects are used");
  ASSERT_NE(find(findings, "quotas", Level::warn), nullptr);
  EXPECT_EQ(find(findings, "quotas", Level::warn)->text, "13 of 16 keys are used");
}

TEST(Doctor, DoesNotClaimThatThereIsRoomWhereItCouldNotLook) {
  auto facts = healthy();
  facts.quotas.clear();
  facts.quotas_text = "not known: refused";

  const auto findings = diagnose(facts, std::nullopt);

  EXPECT_EQ(find(findings, "quotas", Level::ok), nullptr);
  ASSERT_NE(find(findings, "quotas", Level::skip), nullptr);
  EXPECT_EQ(find(findings, "quotas", Level::skip)->text, "not known: refused");
}

TEST(Doctor, MentionsAnUncleanStart) {
  auto facts = healthy();
  facts.unclean_starts = 1;

  EXPECT_NE(find(diagnose(facts, std::nullopt), "starts", Level::warn), nullptr);
}

TEST(Doctor, WarnsOfASlowChip) {
  auto facts = healthy();
  EXPECT_EQ(find(diagnose(facts, std::nullopt), "speed", Level::ok), nullptr);  // an older daemon does not tell

  facts.slowest_ms = 999;
  EXPECT_NE(find(diagnose(facts, std::nullopt), "speed", Level::ok), nullptr);

  facts.slowest_ms = 1000;
  const auto findings = diagnose(facts, std::nullopt);
  const auto* slow = find(findings, "speed", Level::warn);
  ASSERT_NE(slow, nullptr);
  EXPECT_EQ(slow->text, "the slowest chip operation took 1000 ms");
  EXPECT_NE(slow->remedy.find("storage controller"), std::string::npos);
}

TEST(Doctor, LooksAtTheMachineOnlyWhenTheDaemonDoesNotAnswer) {
  auto broken = sane_machine();
  broken.nodes.clear();

  EXPECT_TRUE(failures(diagnose(healthy(), broken)).empty());
  EXPECT_EQ(failures(diagnose(unreachable(Errc::no_service, "rpmbd is not running"), broken)).size(), 3u);
}

TEST(LocalDoctor, FindsOnlyTheStoppedServiceOnASaneMachine) {
  const auto failed = failures(diagnose_local(sane_machine()));

  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].remedy, "systemctl start rpmbd");
}

// What an administrator breaks on a machine, and the check that has to say so, with a remedy.
struct LocalFault {
  const char* name;
  const char* check;
  void (*inflict)(LocalFacts&);
};
class LocalProblem : public ::testing::TestWithParam<LocalFault> {};

TEST_P(LocalProblem, IsFoundWithoutTheDaemon) {
  auto machine = sane_machine();
  machine.unit_active = "active";
  GetParam().inflict(machine);

  const auto failed = failures(diagnose_local(machine));

  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].check, GetParam().check);
  EXPECT_FALSE(failed[0].text.empty());
  EXPECT_FALSE(failed[0].remedy.empty());
}

INSTANTIATE_TEST_SUITE_P(
    EveryOne, LocalProblem,
    ::testing::Values(
        LocalFault{"NotInstalled", "daemon", [](LocalFacts& m) { m.unit_load = "not-found"; }},
        LocalFault{"Masked", "daemon", [](LocalFacts& m) { m.unit_load = "masked"; }},
        LocalFault{"Failed", "daemon", [](LocalFacts& m) { m.unit_active = "failed"; }},
        LocalFault{"NotStarted", "daemon", [](LocalFacts& m) { m.unit_active = "inactive"; }},
        LocalFault{"NoUser", "daemon", [](LocalFacts& m) { m.daemon_user = false; }},
        LocalFault{"SecondDaemon", "chip",
                   [](LocalFacts& m) {
                     m.unit_pid = 5;
                     m.lock = LocalFacts::Lock{7, "/run/signet/rpmbd/chip-00.lock"};
                   }},
        LocalFault{"MalformedConfig", "configuration",
                   [](LocalFacts& m) {
                     m.config_valid = false;
                     m.config_text = "/etc/signet/rpmbd.toml:3: chip.size: must be a number";
                   }},
        LocalFault{"NoRootSecret", "root secret", [](LocalFacts& m) { m.roots[0].kind = PathFacts::Kind::missing; }},
        LocalFault{"OpenRootSecret", "root secret", [](LocalFacts& m) { m.roots[0].mode = 0644; }},
        LocalFault{"NoNode", "chip", [](LocalFacts& m) { m.nodes.clear(); }},
        LocalFault{"UnitWithoutNode", "chip",
                   [](LocalFacts& m) { m.nodes = {{.path = "/dev/sg3", .kind = PathFacts::Kind::missing}}; }},
        LocalFault{"WrongPath", "chip", [](LocalFacts& m) { m.node = node(PathFacts::Kind::missing); }},
        LocalFault{"BlockDevice", "chip", [](LocalFacts& m) { m.node = node(PathFacts::Kind::block_device); }},
        LocalFault{"OtherDevice", "chip", [](LocalFacts& m) { m.node = node(PathFacts::Kind::character_device); }},
        LocalFault{"PlainFile", "chip", [](LocalFacts& m) { m.node = node(PathFacts::Kind::file); }},
        LocalFault{"NoPermission", "permissions", [](LocalFacts& m) { m.nodes[0].daemon_may_use = false; }},
        LocalFault{"DiskFullUnderTheEmulator", "disk", [](LocalFacts& m) { m.disks[0].free_octets = 0; }}),
    [](const auto& fault) { return std::string{fault.param.name}; });

TEST(LocalDoctor, TakesTheUnitOfAUfsDeviceForAChip) {
  auto machine = sane_machine();
  machine.nodes = {{.path = "/dev/sg3", .kind = PathFacts::Kind::rpmb_device}};

  const auto findings = diagnose_local(machine);

  ASSERT_NE(find(findings, "chip", Level::ok), nullptr);
  EXPECT_EQ(find(findings, "chip", Level::ok)->text, "/dev/sg3");
}

TEST(LocalDoctor, DoesNotTakeAHungServiceForASecondDaemon) {
  auto machine = sane_machine();
  machine.unit_active = "active";
  machine.unit_pid = 7;
  machine.lock = LocalFacts::Lock{7, "/run/signet/rpmbd/chip-00.lock"};

  const auto findings = diagnose(unreachable(Errc::timeout, "no answer within 30 s"), machine);

  const auto failed = failures(findings);
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].check, "daemon");
  const auto* hung = find(findings, "daemon", Level::warn);
  ASSERT_NE(hung, nullptr);
  EXPECT_EQ(hung->text, "rpmbd (process 7) runs, but does not answer");
  EXPECT_NE(hung->remedy.find("systemctl restart rpmbd"), std::string::npos);
}

TEST(LocalDoctor, DoesNotGuessWhatThisUserCannotSee) {
  auto machine = sane_machine();
  machine.roots[0].kind = PathFacts::Kind::hidden;
  machine.config_valid = std::nullopt;
  machine.config_text = "cannot be checked";

  const auto findings = diagnose_local(machine);

  EXPECT_NE(find(findings, "root secret", Level::skip), nullptr);
  EXPECT_NE(find(findings, "configuration", Level::skip), nullptr);
}

TEST(LocalDoctor, NamesFileLineAndKeyOfAMalformedConfiguration) {
  auto machine = sane_machine();
  machine.config_valid = false;
  machine.config_text = "/etc/signet/rpmbd.toml:3: chip.size: must be a number";

  const auto findings = diagnose_local(machine);

  ASSERT_NE(find(findings, "configuration", Level::fail), nullptr);
  EXPECT_EQ(find(findings, "configuration", Level::fail)->text, machine.config_text);
}

TEST(LocalDoctor, AnEmulatedChipNeedsNoNode) {
  auto machine = sane_machine();
  machine.nodes.clear();
  machine.transport = "emulator";

  EXPECT_NE(find(diagnose_local(machine), "chip", Level::ok), nullptr);
}

}  // namespace
}  // namespace signet::ctl
