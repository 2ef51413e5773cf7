#include "fmdnd/file_vault.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "tests/unit/identity/temporary_directory.h"

namespace signet::fmdnd {
namespace {

struct FileVaultTest : testing::Test {
  Result<std::optional<SecretBuffer>> load() {
    Result<std::optional<SecretBuffer>> answer = fail(Errc::internal, "no answer");
    vault.load([&](auto record) { answer = std::move(record); });
    loop.restart();
    loop.run();
    return answer;
  }
  Result<void> save(std::string_view content) {
    Result<void> answer = fail(Errc::internal, "no answer");
    vault.save(SecretBuffer{as_bytes(content)}, [&](auto saved) { answer = std::move(saved); });
    loop.restart();
    loop.run();
    return answer;
  }

  identity::TemporaryDirectory directory;
  std::string path = directory.path() + "/secrets";
  boost::asio::io_context loop;
  FileVault vault{loop, path};
};

TEST_F(FileVaultTest, HoldsNothingAtFirst) {
  const auto record = load();

  ASSERT_TRUE(record) << to_string(record.error());
  EXPECT_FALSE(*record);
}

TEST_F(FileVaultTest, GivesBackWhatWasSaved) {
  ASSERT_TRUE(save("first"));
  ASSERT_TRUE(save("second"));

  const auto record = load();

  ASSERT_TRUE(record && *record);
  EXPECT_EQ(as_text((*record)->view()), "second");
}

TEST_F(FileVaultTest, AFileThatOthersMayReadIsRefused) {
  ASSERT_TRUE(save("secret"));
  ::chmod(path.c_str(), 0644);

  const auto record = load();

  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().code, Errc::config_invalid);
}

TEST_F(FileVaultTest, AnErrorLeavesTheOldRecord) {
  ASSERT_TRUE(save("old"));
  ASSERT_EQ(::mkdir((path + ".new").c_str(), 0700), 0);

  EXPECT_FALSE(save("new"));

  EXPECT_EQ(as_text((*load())->view()), "old");
}

}  // namespace
}  // namespace signet::fmdnd
