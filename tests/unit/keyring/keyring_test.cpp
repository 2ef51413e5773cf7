#include "keyring/keyring.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixed_random.h"
#include "tests/unit/identity/temporary_directory.h"

namespace signet::keyring {
namespace {

constexpr crypto::ScryptCost kCheap{.log2_n = 4, .block_size = 1, .parallel = 1};

class FixedLock final : public Lock {
 public:
  explicit FixedLock(std::string secret, LockedBy kind = LockedBy::pass_phrase)
      : secret_{std::move(secret)}, kind_{kind} {}

  [[nodiscard]] LockedBy kind() const override { return kind_; }
  Result<SecretBuffer> secret(bool is_new) override {
    ++asked;
    was_new = is_new;
    return SecretBuffer{as_bytes(secret_)};
  }

  int asked = 0;
  bool was_new = false;

 private:
  std::string secret_;
  LockedBy kind_;
};

Result<void> add_bag(Contents& contents) { return contents.put({.name = "bag", .address = "AA"}); }

class KeyringTest : public ::testing::Test {
 protected:
  Keyring keyring(Lock& lock) { return Keyring{path_, lock, random_, kCheap}; }
  std::string content() { return directory_.read("keyring"); }

  identity::TemporaryDirectory directory_;
  std::string path_ = directory_.path("keyring");
  CountingRandom random_;
  FixedLock lock_{"secret"};
};

TEST_F(KeyringTest, IsEmptyWithoutAFileAndAsksForNothing) {
  const auto contents = keyring(lock_).load();

  ASSERT_TRUE(contents);
  EXPECT_TRUE(contents->devices().empty());
  EXPECT_EQ(lock_.asked, 0);
}

TEST_F(KeyringTest, KeepsWhatWasPutIntoIt) {
  ASSERT_TRUE(keyring(lock_).update(add_bag));
  EXPECT_TRUE(lock_.was_new);

  const auto contents = keyring(lock_).load();

  ASSERT_TRUE(contents) << to_string(contents.error());
  ASSERT_NE(contents->find("bag"), nullptr);
  EXPECT_EQ(contents->find("bag")->address, "AA");
  EXPECT_FALSE(lock_.was_new);
}

TEST_F(KeyringTest, TheFileIsForItsOwnerOnlyAndNothingElseIsLeftBehind) {
  ASSERT_TRUE(keyring(lock_).update(add_bag));

  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator{directory_.path()}, {}), 1);
  EXPECT_EQ(content().find("bag"), std::string::npos);
}

TEST_F(KeyringTest, AsksOnceHoweverOftenItIsUsed) {
  auto kept = keyring(lock_);

  ASSERT_TRUE(kept.update(add_bag));
  ASSERT_TRUE(kept.load());
  ASSERT_TRUE(kept.update([](Contents& contents) { return contents.remove("bag"); }));

  EXPECT_EQ(lock_.asked, 1);
  EXPECT_TRUE(kept.load()->devices().empty());
}

TEST_F(KeyringTest, MakesItsDirectoryForItsOwnerOnly) {
  path_ = directory_.path("a/b/keyring");

  ASSERT_TRUE(keyring(lock_).update(add_bag));

  struct stat status {};
  ASSERT_EQ(::stat(directory_.path("a/b").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
}

TEST_F(KeyringTest, AWrongPassPhraseIsDeniedAndChangesNothing) {
  ASSERT_TRUE(keyring(lock_).update(add_bag));
  const auto before = content();
  FixedLock wrong{"secre"};

  const auto updated = keyring(wrong).update(add_bag);

  ASSERT_FALSE(updated);
  EXPECT_EQ(updated.error().code, Errc::access_denied);
  EXPECT_NE(updated.error().context.find(path_), std::string::npos);
  EXPECT_EQ(content(), before);
}

TEST_F(KeyringTest, SaysWhichKindOfSecretLocksIt) {
  ASSERT_TRUE(keyring(lock_).update(add_bag));
  FixedLock file{"secret", LockedBy::key_file};

  const auto loaded = keyring(file).load();

  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, Errc::invalid_argument);
  EXPECT_NE(loaded.error().context.find("locked by a pass phrase, not by a key file"), std::string::npos);
  EXPECT_EQ(file.asked, 0);
}

TEST_F(KeyringTest, AFailedChangeChangesNothing) {
  ASSERT_TRUE(keyring(lock_).update(add_bag));
  const auto before = content();

  const auto updated = keyring(lock_).update([](Contents& contents) -> Result<void> {
    SIGNET_TRY(contents.remove("bag"));
    return fail(Errc::cancelled, "no");
  });

  ASSERT_FALSE(updated);
  EXPECT_EQ(updated.error().code, Errc::cancelled);
  EXPECT_EQ(content(), before);
}

TEST_F(KeyringTest, ADamagedOrCutFileIsSaidToBeThatAndLeftAlone) {
  ASSERT_TRUE(keyring(lock_).update(add_bag));
  const auto good = content();
  for (const std::string& bad : {std::string{}, std::string{"rubbish"}, good.substr(0, 20), good.substr(0, 40)}) {
    directory_.write("keyring", bad);

    const auto updated = keyring(lock_).update(add_bag);

    ASSERT_FALSE(updated);
    EXPECT_EQ(updated.error().code, Errc::damaged);
    EXPECT_EQ(content(), bad);
  }
  directory_.write("keyring", good.substr(0, good.size() - 1));
  EXPECT_EQ(keyring(lock_).update(add_bag).error().code, Errc::access_denied);
}

TEST_F(KeyringTest, AFileThatOthersMayReadIsRefused) {
  ASSERT_TRUE(keyring(lock_).update(add_bag));
  ::chmod(path_.c_str(), 0640);

  const auto loaded = keyring(lock_).load();

  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, Errc::config_invalid);
  EXPECT_NE(loaded.error().context.find("chmod 600"), std::string::npos);
}

TEST_F(KeyringTest, ALinkIsRefused) {
  ASSERT_TRUE(keyring(lock_).update(add_bag));
  std::filesystem::rename(path_, directory_.path("elsewhere"));
  std::filesystem::create_symlink(directory_.path("elsewhere"), path_);

  EXPECT_EQ(keyring(lock_).load().error().code, Errc::config_invalid);
}

TEST_F(KeyringTest, WhatAProcessLeftThatDiedWhileWritingIsInNobodysWay) {
  ASSERT_TRUE(keyring(lock_).update(add_bag));
  directory_.write("keyring.new", "half a fi");

  EXPECT_TRUE(keyring(lock_).update([](Contents& contents) { return contents.put({.name = "keys"}); }));

  EXPECT_EQ(keyring(lock_).load()->devices().size(), 2u);
}

TEST(KeyringPath, IsWhereUserDataBelongs) {
  ::setenv("XDG_DATA_HOME", "/data", 1);
  EXPECT_EQ(default_path(), "/data/signet/keyring");

  ::setenv("XDG_DATA_HOME", "relative", 1);
  ::setenv("HOME", "/home/me", 1);
  EXPECT_EQ(default_path(), "/home/me/.local/share/signet/keyring");

  ::unsetenv("HOME");
  EXPECT_EQ(default_path(), std::nullopt);
}

}  // namespace
}  // namespace signet::keyring
