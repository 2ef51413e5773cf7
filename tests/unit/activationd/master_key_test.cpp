#include "activationd/master_key.h"

#include <gtest/gtest.h>

#include "tests/unit/identity/temporary_directory.h"

namespace signet::activationd {
namespace {

class MasterKeyTest : public testing::Test {
 protected:
  identity::TemporaryDirectory directory_;
  const std::string digits_ = std::string(64, '5');
};

TEST_F(MasterKeyTest, AMadeOneIsReadAgain) {
  const auto file = directory_.path("master");
  ASSERT_TRUE(create_master(file));
  const auto first = load_master("", file);
  const auto second = load_master("", file);

  ASSERT_TRUE(first) << first.error().context;
  ASSERT_TRUE(second);
  EXPECT_EQ(first->source, "file " + file);
  EXPECT_EQ(Bytes(first->key.view().begin(), first->key.view().end()),
            Bytes(second->key.view().begin(), second->key.view().end()));
  EXPECT_EQ(create_master(file).error().code, Errc::already_exists);
}

TEST_F(MasterKeyTest, ACredentialComesFirst) {
  const auto file = directory_.write("master", std::string(64, '1'));
  directory_.write(kPlainCredential, digits_ + "\n");

  const auto loaded = load_master(directory_.path(), file);

  ASSERT_TRUE(loaded) << loaded.error().context;
  EXPECT_EQ(loaded->source, "systemd credential activationd-master");
  EXPECT_EQ(loaded->key.view()[0], 0x55);
}

TEST_F(MasterKeyTest, ADamagedCredentialIsNeverAnsweredWithTheFile) {
  const auto file = directory_.write("master", digits_);
  directory_.write(kEncryptedCredential, "short");

  const auto loaded = load_master(directory_.path(), file);

  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, Errc::config_invalid);
}

TEST_F(MasterKeyTest, WithoutOneAllPlacesAreNamed) {
  const auto loaded = load_master(directory_.path(), "/nonexistent/master");

  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, Errc::root_secret_missing);
  for (const auto& place : {std::string{kEncryptedCredential}, directory_.path(), std::string{"/nonexistent/master"},
                            std::string{"activationd init"}}) {
    EXPECT_NE(loaded.error().context.find(place), std::string::npos) << loaded.error().context;
  }
}

TEST_F(MasterKeyTest, AFileThatOthersMayReadIsRefused) {
  const auto file = directory_.write("master", digits_, 0644);

  const auto loaded = load_master("", file);

  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, Errc::config_invalid);
  EXPECT_EQ(loaded.error().context.find(digits_), std::string::npos);
}

}  // namespace
}  // namespace signet::activationd
