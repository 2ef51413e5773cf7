#include "activation/sqlite/backup.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "activation/sqlite/records_sql.h"
#include "activation/sqlite/schema.h"
#include "base/unique_fd.h"

namespace signet::activation::sqlite {
namespace {

constexpr std::chrono::milliseconds kPatience{5000};
// In one step: the copy is of one moment. In several, each commit of another process in between would begin it anew;
// and with a write-ahead log nobody waits for a reader.
constexpr int kAllPages = -1;

Failure system_failure(const std::string& what) {
  const int code = errno;
  const bool full = code == ENOSPC || code == EDQUOT;
  return fail(full ? Errc::no_space : Errc::io, what + ": " + std::strerror(code));
}

Result<void> sync(const std::string& path, int flags) {
  const UniqueFd file{::open(path.c_str(), flags | O_CLOEXEC)};
  if (!file || ::fsync(file.get()) != 0) return system_failure("fsync " + path);
  return {};
}

Result<void> copy_pages(Connection& from, Connection& to) {
  struct Finish {
    void operator()(sqlite3_backup* backup) const { ::sqlite3_backup_finish(backup); }
  };
  std::unique_ptr<sqlite3_backup, Finish> backup{::sqlite3_backup_init(to.handle(), "main", from.handle(), "main")};
  if (!backup) return fail(error_of(::sqlite3_extended_errcode(to.handle()), "backup", to.handle()));
  for (;;) {
    const int code = ::sqlite3_backup_step(backup.get(), kAllPages);
    if (code == SQLITE_DONE) return {};
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
      ::sqlite3_sleep(10);
    } else if (code != SQLITE_OK) {
      return fail(error_of(code, "backup", nullptr));
    }
  }
}

// The copy stands alone: without WAL, so that it is one file.
Result<void> copy_database(const std::string& from, const std::string& to) {
  SIGNET_ASSIGN(auto source, Connection::open(from, Connection::Use::read, kPatience));
  SIGNET_TRY(check_schema(source));
  SIGNET_ASSIGN(auto copy, Connection::open(to, Connection::Use::write, kPatience));
  SIGNET_TRY(copy_pages(source, copy));
  return copy.execute("PRAGMA journal_mode=DELETE");
}

std::string directory_of(const std::string& path) {
  const auto directory = std::filesystem::path{path}.parent_path();
  return directory.empty() ? "." : directory.string();
}

Result<void> fill_and_name(const std::string& from, const std::string& partial, const std::string& to) {
  SIGNET_TRY(copy_database(from, partial));
  SIGNET_TRY(sync(partial, O_RDWR));
  if (::renameat2(AT_FDCWD, partial.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) return fail(Errc::already_exists, to);
    return system_failure("rename " + partial);
  }
  return sync(directory_of(to), O_RDONLY | O_DIRECTORY);
}

// "ok", or what SQLite has found first.
Result<std::string> first_finding(Connection& connection, const char* pragma) {
  Query query = connection.query(pragma);
  SIGNET_ASSIGN(const bool row, query.next());
  return row ? query.text() : std::string{"ok"};
}

}  // namespace

Result<void> back_up(const std::string& from, const std::string& to) {
  if (::access(from.c_str(), F_OK) != 0) return fail(Errc::not_found, "there is no database at " + from);
  if (std::error_code ignored; std::filesystem::exists(to, ignored)) return fail(Errc::already_exists, to);
  const std::string partial = to + ".partial";
  ::unlink(partial.c_str());  // of an attempt that was cut short
  if (const UniqueFd file{::open(partial.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)}; !file) {
    return system_failure("create " + partial);
  }
  auto made = fill_and_name(from, partial, to);
  if (!made) ::unlink(partial.c_str());
  return made;
}

Result<BackupFacts> check_backup(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) return fail(Errc::not_found, "there is no database at " + path);
  SIGNET_ASSIGN(auto connection, Connection::open(path, Connection::Use::read, kPatience));
  SIGNET_TRY(check_schema(connection));
  SIGNET_ASSIGN(const auto integrity, first_finding(connection, "PRAGMA integrity_check"));
  if (integrity != "ok") return fail(Errc::damaged, path + ": " + integrity);
  SIGNET_ASSIGN(const auto references, first_finding(connection, "PRAGMA foreign_key_check"));
  if (references != "ok") return fail(Errc::damaged, path + ": a record of table " + references + " refers to nothing");

  SIGNET_ASSIGN(const int version, schema_version(connection));
  SIGNET_ASSIGN(const auto counts, Records{connection}.counts(UnixTime{}));
  return BackupFacts{.schema_version = version, .devices = counts.devices, .audit_entries = counts.audit_entries};
}

}  // namespace signet::activation::sqlite
