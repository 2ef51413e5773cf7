// A database of schema version 1, as the first activationd made it, becomes one of today; see schema_1.sql.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "activation/sqlite/backup.h"
#include "activation/sqlite/schema.h"
#include "activation/sqlite/store.h"
#include "unit/identity/temporary_directory.h"

namespace signet::activation::sqlite {
namespace {

class MigrationTest : public testing::Test {
 protected:
  // Runs `sql` on the file with SQLite alone.
  void execute(const std::string& sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(::sqlite3_open(path().c_str(), &database), SQLITE_OK);
    char* words = nullptr;
    const int code = ::sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &words);
    EXPECT_EQ(code, SQLITE_OK) << (words != nullptr ? words : "");
    ::sqlite3_free(words);
    ::sqlite3_close(database);
  }
  void make_version_1() {
    std::ifstream file{SIGNET_SOURCE_DIR "/tests/unit/activation/schema_1.sql"};
    execute({std::istreambuf_iterator<char>{file}, {}});
  }
  int version() {
    auto connection = Connection::open(path(), Connection::Use::read, std::chrono::milliseconds{100});
    EXPECT_TRUE(connection);
    return schema_version(*connection).value_or(-1);
  }
  [[nodiscard]] std::string path() const { return directory_.path("test.db"); }

  identity::TemporaryDirectory directory_;
};

TEST_F(MigrationTest, FromVersion1KeepsEveryRecordAndHasWhatIsNew) {
  make_version_1();
  ASSERT_EQ(version(), 1);

  auto store = Store::open({.path = path()});

  ASSERT_TRUE(store) << to_string(store.error());
  EXPECT_EQ(version(), kSchemaVersion);
  const Ueid ueid{0x01, 0xaa};
  ASSERT_TRUE((*store)->read([&](View& view) -> Result<void> {
    SIGNET_ASSIGN(const auto device, view.device(ueid));
    EXPECT_EQ(device.value_or(Device{}).ids.sn, "sn-1");
    SIGNET_ASSIGN(const auto found, view.devices_with_cid(device.value_or(Device{}).chip.cid_hash));
    EXPECT_EQ(found.size(), 1U);
    SIGNET_ASSIGN(const auto certificates, view.certificates(ueid));
    EXPECT_EQ(certificates.size(), 1U);
    SIGNET_ASSIGN(const auto entries, view.audit(0, 10));
    EXPECT_EQ(entries.size(), 2U);
    return {};
  }));
  EXPECT_TRUE(write_and_wait(**store, [&](Transaction& t) { return t.add_sighting(ueid, {.counter = 3, .seen = 1}); }));
}

TEST_F(MigrationTest, ThatFailsHalfwayLeavesTheOldVersion) {
  make_version_1();
  execute("CREATE TABLE sighting (in_the_way INTEGER)");

  auto store = Store::open({.path = path()});

  ASSERT_FALSE(store);
  EXPECT_EQ(version(), 1);
}

TEST_F(MigrationTest, ANewerSchemaIsRefusedByNameAndLeftAlone) {
  ASSERT_TRUE(Store::open({.path = path(), .create = true}));
  execute("PRAGMA user_version=99");

  auto store = Store::open({.path = path()});

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::unsupported_format);
  EXPECT_NE(store.error().context.find("99"), std::string::npos) << store.error().context;
  EXPECT_EQ(version(), 99);
}

TEST_F(MigrationTest, AnotherProgramsDatabaseIsRefusedAndLeftAlone) {
  execute("CREATE TABLE theirs (x INTEGER)");

  auto store = Store::open({.path = path()});

  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::unsupported_format);
  EXPECT_EQ(version(), 0);
}

TEST_F(MigrationTest, ABackupOfAnOlderVersionIsTakenOnlyAfterItsMigration) {
  make_version_1();

  auto made = back_up(path(), directory_.path("copy.db"));

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::unsupported_format);
}

}  // namespace
}  // namespace signet::activation::sqlite
