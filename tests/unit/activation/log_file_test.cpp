// What the log is written with: one call for a commit, nothing lost when the process ends, nothing kept of what failed.
#include "activation/sqlite/log_file.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "activation/sqlite/backup.h"
#include "activation/sqlite/statement.h"
#include "activation/sqlite/store.h"
#include "unit/identity/temporary_directory.h"

namespace signet::activation::sqlite {
namespace {

int writes = 0;
int writes_until_full = -1;  // then one fails; below 0: none does

// In the place of the system's, for SQLite.
ssize_t counting_pwrite(int fd, const void* octets, std::size_t size, off_t at) {
  ++writes;
  if (writes_until_full >= 0 && writes_until_full-- == 0) {
    errno = ENOSPC;
    return -1;
  }
  return ::pwrite(fd, octets, size, at);
}

class LogFileTest : public testing::Test {
 protected:
  LogFileTest() {
    sqlite3_vfs* system = ::sqlite3_vfs_find(nullptr);
    for (const char* name : {"pwrite", "pwrite64"}) {
      system->xSetSystemCall(system, name, reinterpret_cast<sqlite3_syscall_ptr>(counting_pwrite));
    }
    auto opened = Store::open({.path = path(), .create = true});
    EXPECT_TRUE(opened);
    store_ = *std::move(opened);
    EXPECT_TRUE(note(1));
    writes = 0;
  }
  ~LogFileTest() override {
    writes_until_full = -1;
    sqlite3_vfs* system = ::sqlite3_vfs_find(nullptr);
    system->xSetSystemCall(system, nullptr, nullptr);
  }

  [[nodiscard]] std::string path() const { return directory_.path("test.db"); }
  // So many entries of a page each, in one commit.
  Result<void> note(int times) {
    return write_and_wait(*store_, [times](Transaction& t) -> Result<void> {
      for (int i = 0; i < times; ++i) {
        SIGNET_TRY(t.add({.actor = "test", .action = "note", .detail = std::string(3500, 'x')}));
      }
      return {};
    });
  }
  std::uint64_t entries() {
    RecordCounts counts;
    EXPECT_TRUE(store_->read([&](View& view) -> Result<void> {
      SIGNET_ASSIGN(counts, view.counts({}));
      return {};
    }));
    return counts.audit_entries;
  }

  identity::TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST_F(LogFileTest, ACommitOfManyPagesIsOneWrite) {
  ASSERT_TRUE(note(20));

  EXPECT_EQ(writes, 1);
  EXPECT_EQ(entries(), 21U);
}

TEST_F(LogFileTest, WhatIsMoreThanFitsIntoMemoryIsThereAsWell) {
  ASSERT_TRUE(note(12'000));  // 48 MB: more than is kept of the log, and more than the cache of pages

  EXPECT_EQ(entries(), 12'001U);
  store_.reset();
  const auto facts = check_backup(path());
  ASSERT_TRUE(facts) << to_string(facts.error());
  EXPECT_EQ(facts->audit_entries, 12'001U);
}

TEST_F(LogFileTest, AWriteThatFailsUndoesItsCommitAndNoOther) {
  writes_until_full = 0;

  auto refused = note(5);
  auto taken = note(5);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::no_space);
  ASSERT_TRUE(taken) << to_string(taken.error());
  EXPECT_EQ(entries(), 6U);
  store_.reset();
  EXPECT_TRUE(check_backup(path()));
}

TEST_F(LogFileTest, WhatIsUndoneHalfwayLeavesNoTrace) {
  auto refused = write_and_wait(*store_, [](Transaction& t) -> Result<void> {
    for (int i = 0; i < 12'000; ++i) {
      SIGNET_TRY(t.add({.actor = "test", .action = "note", .detail = std::string(3500, 'x')}));
    }
    return fail(Errc::busy, "no");
  });

  ASSERT_FALSE(refused);
  ASSERT_TRUE(note(3));
  EXPECT_EQ(entries(), 4U);
  store_.reset();
  const auto facts = check_backup(path());
  ASSERT_TRUE(facts) << to_string(facts.error());
  EXPECT_EQ(facts->audit_entries, 4U);
}

// Read with SQLite's own VFS, by a process that has never seen the writer.
TEST_F(LogFileTest, WhatWasAcknowledgedIsInTheLogWhenTheProcessIsKilled) {
  store_.reset();
  const pid_t child = ::fork();
  if (child == 0) {
    store_ = *Store::open({.path = path()});
    for (int i = 0; i < 20; ++i) {
      if (!note(1)) ::_exit(1);
    }
    ::raise(SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));

  sqlite3* database = nullptr;
  ASSERT_EQ(::sqlite3_open(path().c_str(), &database), SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  ASSERT_EQ(::sqlite3_prepare_v2(database, "SELECT count(*) FROM audit", -1, &statement, nullptr), SQLITE_OK);
  ASSERT_EQ(::sqlite3_step(statement), SQLITE_ROW);
  EXPECT_EQ(::sqlite3_column_int(statement, 0), 21);
  ::sqlite3_finalize(statement);
  ::sqlite3_close(database);
}

}  // namespace
}  // namespace signet::activation::sqlite
