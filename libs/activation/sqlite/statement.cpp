#include "activation/sqlite/statement.h"

#include "activation/sqlite/log_file.h"

namespace signet::activation::sqlite {
namespace {

Errc errc_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL: return Errc::no_space;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Errc::busy;
    case SQLITE_CORRUPT: return Errc::damaged;
    case SQLITE_NOTADB: return Errc::unsupported_format;
    case SQLITE_READONLY: return Errc::read_only;
    default: return Errc::io;
  }
}

// Its books of allocated memory, which nobody here reads, cost a lock for each allocation. Refused when something else
// in the process was there first, which does no harm.
void configure_sqlite() { [[maybe_unused]] static const int once = ::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

}  // namespace

Error error_of(int code, std::string_view what, sqlite3* database) {
  std::string words = std::string{what} + ": " + ::sqlite3_errstr(code);
  if (database != nullptr && ::sqlite3_errcode(database) != SQLITE_OK) {
    words += std::string{" ("} + ::sqlite3_errmsg(database) + ")";
  }
  return {errc_of(code), std::move(words)};
}

Query::Query(sqlite3* database, sqlite3_stmt* statement, int code)
    : database_{database}, statement_{statement}, code_{code} {}

Query::~Query() {
  if (statement_ == nullptr) return;
  ::sqlite3_reset(statement_);
  ::sqlite3_clear_bindings(statement_);
}

Query& Query::bound(int code) {
  if (code_ == SQLITE_OK) code_ = code;
  return *this;
}

Query& Query::bind(std::int64_t value) { return bound(::sqlite3_bind_int64(statement_, ++parameter_, value)); }

Query& Query::bind(std::string_view text) {
  return bound(::sqlite3_bind_text64(statement_, ++parameter_, text.empty() ? "" : text.data(), text.size(),
                                     SQLITE_TRANSIENT, SQLITE_UTF8));
}

Query& Query::bind(BytesView octets) {
  if (octets.empty()) return bound(::sqlite3_bind_zeroblob(statement_, ++parameter_, 0));
  return bound(::sqlite3_bind_blob64(statement_, ++parameter_, octets.data(), octets.size(), SQLITE_TRANSIENT));
}

Query& Query::bind_null() { return bound(::sqlite3_bind_null(statement_, ++parameter_)); }

Result<bool> Query::next() {
  if (code_ == SQLITE_OK) {
    column_ = 0;
    switch (const int code = ::sqlite3_step(statement_); code) {
      case SQLITE_ROW: return true;
      case SQLITE_DONE: return false;
      default: code_ = code;
    }
  }
  const char* sql = ::sqlite3_sql(statement_);
  return fail(error_of(code_, sql != nullptr ? std::string_view{sql}.substr(0, 60) : "statement", database_));
}

Result<void> Query::run() {
  for (;;) {
    SIGNET_ASSIGN(const bool row, next());
    if (!row) return {};
  }
}

bool Query::null() { return ::sqlite3_column_type(statement_, column_) == SQLITE_NULL; }

std::int64_t Query::integer() { return ::sqlite3_column_int64(statement_, column_++); }

std::string Query::text() {
  const auto* text = ::sqlite3_column_text(statement_, column_);
  const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(statement_, column_++));
  return text == nullptr ? std::string{} : std::string{reinterpret_cast<const char*>(text), size};
}

Bytes Query::octets() {
  const auto* octets = static_cast<const std::uint8_t*>(::sqlite3_column_blob(statement_, column_));
  const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(statement_, column_++));
  return octets == nullptr ? Bytes{} : Bytes{octets, octets + size};
}

Result<Connection> Connection::open(const std::string& path, Use use, std::chrono::milliseconds busy_timeout) {
  configure_sqlite();
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (use == Use::create ? SQLITE_OPEN_CREATE : 0);
  sqlite3* database = nullptr;
  const char* vfs = use == Use::read ? nullptr : log_gathering_vfs();
  const int code = ::sqlite3_open_v2(path.c_str(), &database, flags, vfs);
  Connection connection{database};
  if (code != SQLITE_OK) return fail(error_of(code, "open " + path, database));
  ::sqlite3_busy_timeout(database, static_cast<int>(busy_timeout.count()));
  SIGNET_TRY(
      connection.execute("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
                         "PRAGMA cell_size_check=ON"));
  if (use == Use::read) SIGNET_TRY(connection.execute("PRAGMA query_only=ON"));
  return connection;
}

Query Connection::query(const char* sql) {
  auto& statement = statements_[sql];
  int code = SQLITE_OK;
  if (!statement) {
    sqlite3_stmt* made = nullptr;
    code = ::sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    statement.reset(made);
  }
  return {database_.get(), statement.get(), code};
}

Result<void> Connection::execute(const std::string& sql) {
  const int code = ::sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(error_of(code, sql.substr(0, 60), database_.get()));
  return {};
}

}  // namespace signet::activation::sqlite
