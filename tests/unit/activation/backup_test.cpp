#include "activation/sqlite/backup.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "activation/sqlite/store.h"
#include "unit/identity/temporary_directory.h"

namespace signet::activation::sqlite {
namespace {

class BackupTest : public testing::Test {
 protected:
  BackupTest() {
    auto opened = Store::open({.path = path(), .create = true});
    EXPECT_TRUE(opened);
    store_ = *std::move(opened);
    note(30);
  }
  void note(int times) {
    EXPECT_TRUE(write_and_wait(*store_, [times](Transaction& t) -> Result<void> {
      for (int i = 0; i < times; ++i) {
        SIGNET_TRY(t.add({.actor = "test", .action = "note", .detail = std::string(3000, 'x')}));
      }
      return {};
    }));
  }
  [[nodiscard]] std::string path() const { return directory_.path("test.db"); }
  [[nodiscard]] std::string copy() const { return directory_.path("copy.db"); }

  identity::TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST_F(BackupTest, IsOneFileForItsOwnerThatOpensAsTheOriginal) {
  ASSERT_TRUE(back_up(path(), copy()));

  const auto facts = check_backup(copy());
  ASSERT_TRUE(facts) << to_string(facts.error());
  EXPECT_EQ(facts->schema_version, kSchemaVersion);
  EXPECT_EQ(facts->audit_entries, 30U);
  struct stat status {};
  ASSERT_EQ(::stat(copy().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_FALSE(std::filesystem::exists(copy() + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(copy() + ".partial"));
  EXPECT_TRUE(Store::open({.path = copy()}));
}

TEST_F(BackupTest, IsConsistentWhileOthersWrite) {
  std::atomic<bool> stop = false;
  std::thread writer{[&] {
    while (!stop) note(1);
  }};

  auto made = back_up(path(), copy());

  stop = true;
  writer.join();
  ASSERT_TRUE(made) << to_string(made.error());
  const auto facts = check_backup(copy());
  ASSERT_TRUE(facts) << to_string(facts.error());
  EXPECT_GE(facts->audit_entries, 30U);
}

TEST_F(BackupTest, LeavesWhatIsThereAlone) {
  std::ofstream{copy()} << "mine";

  auto made = back_up(path(), copy());

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::already_exists);
  EXPECT_EQ(std::filesystem::file_size(copy()), 4U);
}

TEST_F(BackupTest, IntoADirectoryThatIsNotThereLeavesNothing) {
  auto made = back_up(path(), directory_.path("no/copy.db"));

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::io);
}

TEST_F(BackupTest, OfADatabaseThatIsNotThereIsNotFound) {
  auto made = back_up(directory_.path("other.db"), copy());

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::not_found);
  EXPECT_FALSE(std::filesystem::exists(copy()));
}

TEST_F(BackupTest, ADamagedCopyIsFoundOut) {
  ASSERT_TRUE(back_up(path(), copy()));
  {
    std::fstream file{copy(), std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(copy())) - 9000);
    file << std::string(5000, '\x5a');
  }

  const auto facts = check_backup(copy());

  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, Errc::damaged) << to_string(facts.error());
}

TEST_F(BackupTest, AnotherProgramsDatabaseIsRefusedByName) {
  std::ofstream{copy()} << "not a database, whatever its name says; and long enough to be looked at as one: "
                        << std::string(1000, '.');

  const auto facts = check_backup(copy());

  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, Errc::unsupported_format);
}

}  // namespace
}  // namespace signet::activation::sqlite
