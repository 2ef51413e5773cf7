#include "commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/hex.h"
#include "identity/root_secret.h"
#include "machine.h"

namespace signet::provision {
namespace {

using testing::HasSubstr;

const std::string kEncrypted = "/etc/credstore.encrypted/signet-root-encrypted";
const std::string kCredstore = "/etc/credstore/signet-root";
const std::string kFile = "/etc/signet/root-secret";

class CommandsTest : public Machine {
 protected:
  Options options(std::optional<PlaceKind> place = std::nullopt) {
    Options options;
    options.root = root();
    options.place = place;
    return options;
  }
  std::string content(const std::string& path) { return scratch_.read("root" + path); }
  mode_t mode(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::stat(on_machine(path).c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  }
  // The secret as rpmbd would see it.
  std::string check_of(const std::string& octets) {
    auto secret = identity::parse_root_secret(as_bytes(octets));
    return secret ? to_hex(identity::root_check(*secret)) : "none";
  }
};

TEST_F(CommandsTest, CreateKeepsThirtyTwoOctetsForTheOwnerAlone) {
  auto report = create(options(PlaceKind::credstore));

  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->place.path, on_machine(kCredstore));
  EXPECT_EQ(content(kCredstore).size(), 32U);
  EXPECT_EQ(mode(kCredstore), 0600U);
  EXPECT_EQ(mode("/etc/credstore"), 0700U);
  EXPECT_EQ(to_hex(report->check), check_of(content(kCredstore)));
}

TEST_F(CommandsTest, EverySecretIsAnother) {
  auto first = create(options(PlaceKind::file));
  std::filesystem::remove(on_machine(kFile));
  auto second = create(options(PlaceKind::file));

  ASSERT_TRUE(first && second);
  EXPECT_NE(to_hex(first->check), to_hex(second->check));
}

TEST_F(CommandsTest, CreateEncryptsWithoutShowingTheSecretToAnyone) {
  install_systemd_creds();

  auto report = create(options(PlaceKind::encrypted));

  ASSERT_TRUE(report) << to_string(report.error());
  std::string octets = content(kEncrypted);
  std::ranges::reverse(octets);
  EXPECT_EQ(to_hex(report->check), check_of(octets));
  EXPECT_EQ(mode(kEncrypted), 0600U);
  EXPECT_EQ(scratch_.read("arguments"),
            "encrypt --name=signet-root-encrypted - -\ndecrypt --name=signet-root-encrypted - -\n");
}

TEST_F(CommandsTest, EncryptionThatCannotBeUndoneIsNotKept) {
  install_broken_systemd_creds("echo something else");

  auto report = create(options(PlaceKind::encrypted));

  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().context, HasSubstr("does not give back what it has encrypted"));
  EXPECT_FALSE(std::filesystem::exists(on_machine(kEncrypted)));
}

TEST_F(CommandsTest, FailureOfSystemdCredsIsNamed) {
  install_broken_systemd_creds("exit 7");

  auto report = create(options(PlaceKind::encrypted));

  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().context, HasSubstr("systemd-creds failed with status 7"));
}

TEST_F(CommandsTest, EndlessOutputOfSystemdCredsIsCutOff) {
  install_broken_systemd_creds("exec yes");

  EXPECT_FALSE(create(options(PlaceKind::encrypted)));
}

TEST_F(CommandsTest, ImageOfAnotherMachineGetsAPlainCredentialByDefault) {
  install_systemd_creds();

  auto report = create(options());

  ASSERT_TRUE(report);
  EXPECT_EQ(report->place.kind, PlaceKind::credstore);
}

TEST_F(CommandsTest, NeverOverwritesASecretInWhateverPlace) {
  install_systemd_creds();

  for (PlaceKind taken : {PlaceKind::encrypted, PlaceKind::credstore, PlaceKind::file}) {
    auto first = create(options(taken));
    ASSERT_TRUE(first);
    std::string before = scratch_.read("root" + first->place.path.substr(root().size()));

    for (PlaceKind place : {PlaceKind::encrypted, PlaceKind::credstore, PlaceKind::file}) {
      auto again = create(options(place));
      ASSERT_FALSE(again);
      EXPECT_EQ(again.error().code, Errc::already_exists);
      EXPECT_THAT(again.error().context, HasSubstr(first->place.path));
    }
    EXPECT_EQ(scratch_.read("root" + first->place.path.substr(root().size())), before);
    std::filesystem::remove(first->place.path);
  }
}

TEST_F(CommandsTest, DanglingLinkInAPlaceCountsAsTaken) {
  std::filesystem::create_symlink("/nonexistent", on_machine(kFile));

  EXPECT_EQ(create(options(PlaceKind::file)).error().code, Errc::already_exists);
}

TEST_F(CommandsTest, BackupAndRestoreBringTheSameSecretToAnotherPlace) {
  install_systemd_creds();
  auto created = create(options(PlaceKind::credstore));
  std::string backup = scratch_.path("backup");
  ASSERT_TRUE(back_up(options(), backup));
  std::filesystem::remove(on_machine(kCredstore));

  auto restored = restore(options(PlaceKind::encrypted), backup);

  ASSERT_TRUE(restored) << to_string(restored.error());
  EXPECT_EQ(to_hex(restored->check), to_hex(created->check));
  auto found = status(options());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->place.path, on_machine(kEncrypted));
  EXPECT_EQ(to_hex(found->check), to_hex(created->check));
}

TEST_F(CommandsTest, RestoreOverASecretIsRefused) {
  ASSERT_TRUE(create(options(PlaceKind::credstore)));
  ASSERT_TRUE(back_up(options(), scratch_.path("backup")));

  EXPECT_EQ(restore(options(PlaceKind::file), scratch_.path("backup")).error().code, Errc::already_exists);
}

TEST_F(CommandsTest, RestoreOfADamagedBackupKeepsNothing) {
  std::string backup = scratch_.write("backup", "signet-root-backup/1\n0011\n");

  EXPECT_EQ(restore(options(PlaceKind::file), backup).error().code, Errc::invalid_argument);
  EXPECT_FALSE(std::filesystem::exists(on_machine(kFile)));
}

TEST_F(CommandsTest, StatusWithoutASecretNamesEveryPlace) {
  auto found = status(options());

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::root_secret_missing);
  for (const std::string& place : {kEncrypted, kCredstore, kFile}) {
    EXPECT_THAT(found.error().context, HasSubstr(on_machine(place)));
  }
}

TEST_F(CommandsTest, StatusTellsWhichOfSeveralIsUsed) {
  ASSERT_TRUE(create(options(PlaceKind::credstore)));
  std::filesystem::copy(on_machine(kCredstore), on_machine(kFile));

  auto found = status(options());

  ASSERT_TRUE(found);
  EXPECT_EQ(found->place.kind, PlaceKind::credstore);
  ASSERT_EQ(found->shadowed.size(), 1U);
  EXPECT_EQ(found->shadowed[0].path, on_machine(kFile));
}

TEST_F(CommandsTest, StatusRefusesASecretThatOthersCanRead) {
  ASSERT_TRUE(create(options(PlaceKind::file)));
  ::chmod(on_machine(kFile).c_str(), 0644);

  EXPECT_EQ(status(options()).error().code, Errc::config_invalid);
}

TEST_F(CommandsTest, ConfigurationNamesTheFile) {
  scratch_.write("root/etc/signet/rpmbd.toml", "[root]\nfile = \"/etc/elsewhere\"\n");

  ASSERT_TRUE(create(options(PlaceKind::file)));

  EXPECT_TRUE(std::filesystem::exists(on_machine("/etc/elsewhere")));
}

TEST_F(CommandsTest, BrokenConfigurationIsNamedWithItsLine) {
  scratch_.write("root/etc/signet/rpmbd.toml", "[root]\nfile = \n");

  auto report = create(options(PlaceKind::file));

  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Errc::config_invalid);
  EXPECT_THAT(report.error().context, HasSubstr("rpmbd.toml:2"));
}

}  // namespace
}  // namespace signet::provision
