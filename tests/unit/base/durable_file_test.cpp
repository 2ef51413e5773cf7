#include "base/durable_file.h"

#include <gtest/gtest.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace signet {
namespace {

constexpr uid_t kNobody = 65534;

struct DurableFile : testing::Test {
  DurableFile() { EXPECT_NE(::mkdtemp(directory.data()), nullptr); }
  ~DurableFile() override { std::filesystem::remove_all(directory); }
  [[nodiscard]] std::string content() const {
    std::ifstream stream{path()};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }
  [[nodiscard]] std::string path() const { return directory + "/file"; }
  std::string directory{"/tmp/signet-test.XXXXXX"};
};

TEST_F(DurableFile, HasItsContentAndBelongsToItsOwner) {
  ASSERT_TRUE(replace_file(path(), as_bytes("one")));
  ASSERT_TRUE(replace_file(path(), as_bytes("two")));

  struct stat status {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(content(), "two");
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(DurableFile, WhatACrashLeftBesideItDoesNoHarm) {
  std::ofstream{path() + ".new"} << "half of some";
  ASSERT_EQ(::chmod((path() + ".new").c_str(), 0666), 0);

  EXPECT_TRUE(replace_file(path(), as_bytes("whole")));

  struct stat status {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(content(), "whole");
  EXPECT_EQ(status.st_mode & 0777U, 0600U) << "not what was left there, with its rights";
  EXPECT_FALSE(std::filesystem::exists(path() + ".new"));
}

TEST_F(DurableFile, ALinkBesideItIsNotFollowed) {
  ASSERT_TRUE(replace_file(directory + "/other", as_bytes("other")));
  std::filesystem::create_symlink(directory + "/other", path() + ".new");

  EXPECT_TRUE(replace_file(path(), as_bytes("whole")));

  EXPECT_EQ(content(), "whole");
  EXPECT_FALSE(std::filesystem::is_symlink(path()));
  std::ifstream stream{directory + "/other"};
  EXPECT_EQ((std::string{std::istreambuf_iterator<char>{stream}, {}}), "other");
}

TEST_F(DurableFile, ItsPathMayBeRelative) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(directory);

  const auto replaced = replace_file("file", as_bytes("here"));

  std::filesystem::current_path(before);
  EXPECT_TRUE(replaced);
  EXPECT_EQ(content(), "here");
}

TEST_F(DurableFile, KeepsItsContentWhenItCannotBeReplaced) {
  ASSERT_TRUE(replace_file(path(), as_bytes("old")));
  std::filesystem::create_directory(path() + ".new");

  const auto replaced = replace_file(path(), as_bytes("new"));

  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().code, Errc::io);
  EXPECT_NE(replaced.error().context.find(path() + ".new"), std::string::npos) << replaced.error().context;
  EXPECT_EQ(content(), "old");
}

// Which cannot be synced, then: better not to begin.
TEST_F(DurableFile, KeepsItsContentInADirectoryThatCannotBeOpened) {
  ASSERT_TRUE(replace_file(path(), as_bytes("old")));
  ASSERT_EQ(::chmod(directory.c_str(), 0300), 0);
  ASSERT_EQ(::chown(directory.c_str(), kNobody, kNobody), ::geteuid() == 0 ? 0 : -1);
  const auto before = ::setfsuid(kNobody);  // root may open anything; does nothing for anybody else

  const auto replaced = replace_file(path(), as_bytes("new"));

  ::setfsuid(static_cast<uid_t>(before));
  ASSERT_EQ(::chmod(directory.c_str(), 0700), 0);
  ASSERT_FALSE(replaced);
  EXPECT_NE(replaced.error().context.find("directory of " + path()), std::string::npos) << replaced.error().context;
  EXPECT_EQ(content(), "old");
}

}  // namespace
}  // namespace signet
