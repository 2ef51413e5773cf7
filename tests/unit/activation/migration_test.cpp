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

// A chip that is registered, and one that has a reservation only; what each of the other tables had.
constexpr auto kMoreRecords = R"sql(
INSERT INTO registration VALUES (x'01000000000000000000000000000001', 1,
  x'01aa00000000000000000000000000000000000000000000000000000000000000', 'm1', 'sn-1', 'app', 'emmc', 'soft',
  zeroblob(32), zeroblob(8), x'0a', x'', 'challenge', 'nonce-1', 5, 10, 1000, 1, x'3000');
INSERT INTO registration VALUES (x'01000000000000000000000000000002', 0,
  x'01bb00000000000000000000000000000000000000000000000000000000000000', 'm1', 'sn-2', 'app', 'emmc', 'soft',
  zeroblob(32), zeroblob(8), x'0b', x'0e', 'challenge', 'nonce-2', 6, 30, 1000, 0, x'');
INSERT INTO sn_ticket VALUES (x'aa00000000000000000000000000000000000000000000000000000000000000', 'm1', 'sn-1', 'v', 99,
  x'01000000000000000000000000000001');
INSERT INTO audit VALUES (7, 30, 'operator', 'add_credential', '', NULL, '', '', 'v');
INSERT INTO audit VALUES (9, 30, 'device', 'reserve', '',
  x'01bb00000000000000000000000000000000000000000000000000000000000000', 'm1', 'sn-2', '');
INSERT INTO counter VALUES ('events', 6);
)sql";

TEST_F(MigrationTest, FromVersion1KeepsWhatRecordsSayOfEachOther) {
  make_version_1();
  execute(kMoreRecords);
  const Ueid reserved{0x01, 0xbb};
  const UnixTime time{std::chrono::seconds{100}};

  auto store = Store::open({.path = path()});

  ASSERT_TRUE(store) << to_string(store.error());
  ASSERT_TRUE((*store)->read([&](View& view) -> Result<void> {
    identity::RegistrationId id{1};
    id.back() = 1;
    SIGNET_ASSIGN(const auto confirmed, view.registration(id));
    EXPECT_EQ(confirmed.value_or(Registration{}).ueid, (Ueid{0x01, 0xaa}));
    EXPECT_EQ(confirmed.value_or(Registration{}).certificate, (Bytes{0x30, 0x00}));
    SIGNET_ASSIGN(const auto ticket, view.sn_ticket({0xaa}));
    EXPECT_EQ(ticket.value_or(SnTicketRecord{}).spent_on, id);
    SIGNET_ASSIGN(const auto open, view.reservations(reserved, {}, time));
    EXPECT_EQ(open.size(), 1U);
    EXPECT_EQ(open.empty() ? Bytes{} : open.front().sealed_escrow, Bytes{0x0e});
    SIGNET_ASSIGN(const auto device, view.device(reserved));
    EXPECT_FALSE(device);
    SIGNET_ASSIGN(const auto history, view.audit_of(reserved, 10));
    EXPECT_EQ(history.size(), 1U);
    SIGNET_ASSIGN(const auto events, view.counter("events"));
    EXPECT_EQ(events, 6U);
    return {};
  }));
}

TEST_F(MigrationTest, TheAuditLogGoesOnWhereItWas) {
  make_version_1();
  execute(kMoreRecords);
  auto store = Store::open({.path = path()});
  ASSERT_TRUE(store) << to_string(store.error());

  ASSERT_TRUE(write_and_wait(**store, [](Transaction& t) { return t.add({.actor = "test", .action = "note"}); }));

  std::vector<std::uint64_t> numbers;
  ASSERT_TRUE((*store)->read([&](View& view) -> Result<void> {
    SIGNET_ASSIGN(const auto entries, view.audit(0, 10));
    for (const AuditEntry& entry : entries) numbers.push_back(entry.number);
    return {};
  }));
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{1, 2, 7, 9, 10}));
}

TEST_F(MigrationTest, LeavesADatabaseThatIsWhole) {
  make_version_1();
  execute(kMoreRecords);
  ASSERT_TRUE(Store::open({.path = path()}));

  const auto facts = check_backup(path());

  ASSERT_TRUE(facts) << to_string(facts.error());
  EXPECT_EQ(facts->devices, 1U);
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
