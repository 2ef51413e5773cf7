#include "identity/root_secret.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <numeric>

#include "base/hex.h"
#include "unit/file_size_limit.h"
#include "unit/identity/temporary_directory.h"
#include "unit/random_octets.h"

namespace signet::identity {
namespace {

using testing::HasSubstr;

const std::string kHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const std::string kCheck = "0cc849cb4d040d2c";  // as in derivation_test.cpp

std::string raw_secret() {
  std::string raw(32, '\0');
  std::iota(raw.begin(), raw.end(), '\0');
  return raw;
}

class RootSecretTest : public testing::Test {
 protected:
  // Loads the fallback file alone.
  static Result<LoadedRoot> load(const std::string& file) { return load_root_secret("", file); }

  static void expect_refused(const Result<LoadedRoot>& loaded, const std::string& rule) {
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, Errc::config_invalid);
    EXPECT_THAT(loaded.error().context, HasSubstr(rule));
  }

  TemporaryDirectory directory_;
};

TEST_F(RootSecretTest, ReadsRawOctets) {
  auto loaded = load(directory_.write("root", raw_secret()));

  ASSERT_TRUE(loaded);
  EXPECT_EQ(to_hex(loaded->secret.view()), kHex);
}

TEST_F(RootSecretTest, ReadsHexadecimalDigitsOfEitherCaseWithOrWithoutNewline) {
  std::string upper = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F";

  for (const std::string& text : {kHex, kHex + "\n", upper}) {
    auto loaded = load(directory_.write("root", text));

    ASSERT_TRUE(loaded) << text;
    EXPECT_EQ(to_hex(loaded->secret.view()), kHex);
  }
}

TEST_F(RootSecretTest, SaysWhereTheSecretCameFrom) {
  std::string file = directory_.write("root", kHex);
  directory_.write("signet-root", kHex, 0400);

  auto from_file = load(file);
  auto from_credential = load_root_secret(directory_.path(), file);

  ASSERT_TRUE(from_file);
  EXPECT_EQ(from_file->source, "file " + file);
  ASSERT_TRUE(from_credential);
  EXPECT_EQ(from_credential->source, "systemd credential signet-root");
}

TEST_F(RootSecretTest, CredentialComesBeforeTheFile) {
  directory_.write("signet-root", kHex, 0400);
  std::string file = directory_.write("root", std::string(64, 'f'));

  auto loaded = load_root_secret(directory_.path(), file);

  ASSERT_TRUE(loaded);
  EXPECT_EQ(to_hex(loaded->secret.view()), kHex);
}

TEST_F(RootSecretTest, EncryptedCredentialComesBeforeThePlainOne) {
  directory_.write("signet-root-encrypted", kHex, 0400);
  directory_.write("signet-root", std::string(64, 'f'), 0400);

  auto loaded = load_root_secret(directory_.path(), "");

  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->source, "systemd credential signet-root-encrypted");
  EXPECT_EQ(to_hex(loaded->secret.view()), kHex);
}

TEST_F(RootSecretTest, DamagedCredentialIsNotReplacedByTheFile) {
  directory_.write("signet-root", "short", 0400);
  std::string file = directory_.write("root", kHex);

  expect_refused(load_root_secret(directory_.path(), file),
                 "neither 32 octets nor 64 hexadecimal digits, but 5 octets");
}

TEST_F(RootSecretTest, CredentialMayShowTheReadBitThatAnAccessControlListLeaves) {
  directory_.write("signet-root", kHex, 0440);

  EXPECT_TRUE(load_root_secret(directory_.path(), ""));
}

TEST_F(RootSecretTest, CredentialOpenToOthersIsRefused) {
  directory_.write("signet-root", kHex, 0444);

  expect_refused(load_root_secret(directory_.path(), ""), "accessible to others");
}

TEST_F(RootSecretTest, NamesBothPlacesWhenTheSecretIsMissing) {
  auto loaded = load_root_secret(directory_.path(), directory_.path("absent"));

  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, Errc::root_secret_missing);
  EXPECT_THAT(loaded.error().context, HasSubstr("signet-root-encrypted or signet-root in " + directory_.path()));
  EXPECT_THAT(loaded.error().context, HasSubstr(directory_.path("absent")));
  EXPECT_THAT(loaded.error().context, HasSubstr("rpmbd-provision create"));
}

TEST_F(RootSecretTest, NothingConfiguredIsAMissingSecretToo) {
  auto loaded = load_root_secret("", "");

  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, Errc::root_secret_missing);
}

TEST_F(RootSecretTest, EveryOtherLengthIsRefused) {
  for (std::size_t size : {0U, 1U, 31U, 33U, 63U, 66U, 1000U}) {
    EXPECT_EQ(load(directory_.write("root", std::string(size, 'a'))).error().code, Errc::config_invalid) << size;
  }
}

TEST_F(RootSecretTest, SixtyFourOctetsThatAreNotDigitsAreRefused) {
  expect_refused(load(directory_.write("root", kHex.substr(1) + "g")), "64 hexadecimal digits");
}

TEST_F(RootSecretTest, OfAllOctetStringsOnlyThirtyTwoOctetsOrSixtyFourDigitsAreTaken) {
  RandomOctets random{1};
  for (int i = 0; i < kRandomStrings; ++i) {
    const auto any = random.text(100);
    const auto digits = random.text(100, "0123456789abcdefABCDEF");
    const auto damaged = random.damaged(kHex + "\n");

    ASSERT_EQ(parse_root_secret(as_bytes(any)).has_value(), any.size() == 32) << i;
    ASSERT_EQ(parse_root_secret(as_bytes(digits)).has_value(), digits.size() == 32 || digits.size() == 64) << i;
    if (parse_root_secret(as_bytes(damaged)) && damaged.size() != 32) {
      ASSERT_EQ(damaged.substr(0, 64).find_first_not_of("0123456789abcdefABCDEF"), std::string::npos) << damaged;
    }
  }
}

TEST_F(RootSecretTest, ErrorsNeverQuoteTheContent) {
  auto loaded = load(directory_.write("root", kHex.substr(2)));

  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().context, testing::Not(HasSubstr("0304050607")));
}

TEST_F(RootSecretTest, SymbolicLinkIsRefused) {
  std::string file = directory_.write("root", kHex);
  std::string link = directory_.path("link");
  ASSERT_EQ(::symlink(file.c_str(), link.c_str()), 0);

  expect_refused(load(link), "not be a symbolic link");
}

TEST_F(RootSecretTest, AnyAccessForGroupOrOthersIsRefused) {
  for (mode_t mode : {0640U, 0620U, 0610U, 0604U, 0602U, 0601U}) {
    expect_refused(load(directory_.write("root", kHex, mode)), "accessible to its owner only (chmod 600)");
  }
}

TEST_F(RootSecretTest, FileOfAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  std::string file = directory_.write("root", kHex);
  ASSERT_EQ(::chown(file.c_str(), 12345, 12345), 0);

  expect_refused(load(file), "not to user id 12345");
}

TEST_F(RootSecretTest, DirectoryAndFifoAreRefusedAtOnce) {
  std::string fifo = directory_.path("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);

  expect_refused(load(fifo), "be a regular file");
  expect_refused(load(directory_.path()), "be a regular file");
}

class BackupTest : public testing::Test {
 protected:
  BackupTest() { std::iota(secret_.writable().begin(), secret_.writable().end(), std::uint8_t{0}); }

  Result<RootSecret> read(std::string_view content) { return read_backup(directory_.write("backup", content)); }

  void expect_refused(std::string_view content, int line) {
    auto secret = read(content);
    ASSERT_FALSE(secret) << content;
    EXPECT_EQ(secret.error().code, Errc::invalid_argument) << content;
    EXPECT_THAT(secret.error().context, HasSubstr("line " + std::to_string(line))) << content;
  }

  TemporaryDirectory directory_;
  RootSecret secret_;
};

const std::string kBackup = "signet-root-backup/1\n" + kHex + "\n" + kCheck + "\n";

TEST_F(BackupTest, IsThreeLinesThatOnlyTheOwnerCanRead) {
  ASSERT_TRUE(write_backup(directory_.path("backup"), secret_));

  EXPECT_EQ(directory_.read("backup"), kBackup);
  struct stat status {};
  ASSERT_EQ(::stat(directory_.path("backup").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
}

TEST_F(BackupTest, ComesBackAsItWas) {
  ASSERT_TRUE(write_backup(directory_.path("backup"), secret_));

  auto restored = read_backup(directory_.path("backup"));

  ASSERT_TRUE(restored);
  EXPECT_EQ(to_hex(restored->view()), kHex);
}

TEST_F(BackupTest, MayLieOnAMediumWithoutPermissions) {
  EXPECT_TRUE(read_backup(directory_.write("backup", kBackup, 0777)));
}

TEST_F(BackupTest, NewlineAtTheVeryEndMayBeMissing) { EXPECT_TRUE(read(kBackup.substr(0, kBackup.size() - 1))); }

TEST_F(BackupTest, NeverOverwritesAnything) {
  directory_.write("backup", "something else");

  auto written = write_backup(directory_.path("backup"), secret_);

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::already_exists);
  EXPECT_EQ(directory_.read("backup"), "something else");
}

TEST_F(BackupTest, NeverFollowsALink) {
  ASSERT_EQ(::symlink(directory_.path("target").c_str(), directory_.path("backup").c_str()), 0);

  auto written = write_backup(directory_.path("backup"), secret_);

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::already_exists);
  EXPECT_FALSE(std::filesystem::exists(directory_.path("target")));
}

TEST_F(BackupTest, MissingDirectoryIsNotFound) {
  EXPECT_EQ(write_backup(directory_.path("absent/backup"), secret_).error().code, Errc::not_found);
}

TEST_F(BackupTest, FailedWriteLeavesNoFileBehind) {
  const FileSizeLimit full{0};

  const auto written = write_backup(directory_.path("backup"), secret_);

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::io);
  EXPECT_FALSE(std::filesystem::exists(directory_.path("backup")));
}

TEST_F(BackupTest, MissingFileIsNotFound) {
  EXPECT_EQ(read_backup(directory_.path("absent")).error().code, Errc::not_found);
}

TEST_F(BackupTest, EveryMalformedFileIsRefusedWithItsLine) {
  expect_refused("", 1);
  expect_refused("signet-root-backup/2\n" + kHex + "\n" + kCheck + "\n", 1);
  expect_refused("signet-root-backup/1", 2);
  expect_refused("signet-root-backup/1\n\n" + kHex + "\n" + kCheck + "\n", 2);
  expect_refused("signet-root-backup/1\n" + kHex.substr(2) + "\n" + kCheck + "\n", 2);
  expect_refused("signet-root-backup/1\n" + kHex + "00\n" + kCheck + "\n", 2);
  expect_refused("signet-root-backup/1\n" + kHex.substr(1) + "g\n" + kCheck + "\n", 2);
  expect_refused("signet-root-backup/1\n " + kHex.substr(1) + "\n" + kCheck + "\n", 2);
  expect_refused("signet-root-backup/1\r\n" + kHex + "\r\n" + kCheck + "\r\n", 1);
  expect_refused("signet-root-backup/1\n" + kHex + "\n", 3);
  expect_refused("signet-root-backup/1\n" + kHex + "\n" + kCheck.substr(2) + "\n", 3);
  expect_refused(kBackup + "\n", 4);
  expect_refused(kBackup + kBackup, 4);
}

TEST_F(BackupTest, EverySingleWrongDigitIsFound) {
  std::size_t first_digit = kBackup.find('\n') + 1;

  for (std::size_t i = first_digit; i + 1 < kBackup.size(); ++i) {
    std::string copied = kBackup;
    copied[i] = copied[i] == '7' ? '8' : '7';
    EXPECT_FALSE(read(copied)) << "character " << i;
  }
}

TEST_F(BackupTest, AnyOctetsAreTheSecretOrAnErrorWithItsLine) {
  RandomOctets random{2};
  for (int i = 0; i < kRandomStrings; ++i) {
    const auto content = random.below(4) == 0 ? random.text(1024) : random.damaged(kBackup);

    auto secret = read(content);

    if (secret) {
      ASSERT_EQ(to_hex(secret->view()), kHex) << content;
      continue;
    }
    ASSERT_EQ(secret.error().code, Errc::invalid_argument) << content;
    ASSERT_THAT(secret.error().context, HasSubstr(", line ")) << content;
  }
}

TEST_F(BackupTest, LargeFileIsRefused) {
  EXPECT_EQ(read(std::string(100'000, '\n')).error().code, Errc::config_invalid);
}

}  // namespace
}  // namespace signet::identity
