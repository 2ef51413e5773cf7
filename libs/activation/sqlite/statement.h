// Connections to SQLite and statements that are prepared once.
#pragma once

#include <sqlite3.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/x509.h"

namespace signet::activation::sqlite {

// no_space, busy, damaged, read_only, unsupported_format (not a database), else io; with SQLite's own words.
Error error_of(int code, std::string_view what, sqlite3* database);

class Connection;

// One run of a prepared statement. Parameters are bound in their order, columns read in theirs. At most one run of the
// same text at a time.
class Query {
 public:
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  Query& bind(std::int64_t value);
  Query& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(std::uint32_t value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(bool value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(crypto::UnixTime value) { return bind(static_cast<std::int64_t>(value.time_since_epoch().count())); }
  Query& bind(std::string_view text);
  Query& bind(const std::string& text) { return bind(std::string_view{text}); }
  Query& bind(const char* text) { return bind(std::string_view{text}); }
  Query& bind(BytesView octets);
  template <std::size_t Size>
  Query& bind(const std::array<std::uint8_t, Size>& octets) {
    return bind(BytesView{octets});
  }
  Query& bind(std::optional<crypto::UnixTime> value) { return value ? bind(*value) : bind_null(); }
  Query& bind_null();

  Result<bool> next();  // whether there is a row
  Result<void> run();   // to the end

  bool null();  // does not go on to the next column
  std::int64_t integer();
  std::string text();
  Bytes octets();
  crypto::UnixTime time() { return crypto::UnixTime{std::chrono::seconds{integer()}}; }
  // `out` keeps what it has when the column is of another size.
  template <std::size_t Size>
  void octets(std::array<std::uint8_t, Size>& out) {
    if (const Bytes found = octets(); found.size() == Size) std::copy(found.begin(), found.end(), out.begin());
  }

 private:
  friend class Connection;
  Query(sqlite3* database, sqlite3_stmt* statement, int code);
  Query& bound(int code);

  sqlite3* database_;
  sqlite3_stmt* statement_;
  int code_;  // the first error
  int parameter_ = 0;
  int column_ = 0;
};

// Not thread-safe.
class Connection {
 public:
  enum class Use : std::uint8_t { read, write, create };
  // Errors: not_found, those of error_of().
  static Result<Connection> open(const std::string& path, Use use, std::chrono::milliseconds busy_timeout);
  Connection(Connection&&) noexcept = default;
  Connection& operator=(Connection&&) noexcept = delete;

  // `sql`: one statement, a literal: it is known by its address.
  Query query(const char* sql);
  Result<void> run(const char* sql) { return query(sql).run(); }
  Result<void> execute(const std::string& sql);  // one or more statements without parameters

  [[nodiscard]] bool in_transaction() const { return ::sqlite3_get_autocommit(database_.get()) == 0; }
  // Rows that were inserted, updated or deleted since it was opened; what is undone counts, too.
  [[nodiscard]] std::int64_t total_changes() const { return ::sqlite3_total_changes64(database_.get()); }
  [[nodiscard]] std::int64_t last_row() const { return ::sqlite3_last_insert_rowid(database_.get()); }
  [[nodiscard]] std::int64_t changes() const { return ::sqlite3_changes64(database_.get()); }
  [[nodiscard]] sqlite3* handle() const { return database_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const { ::sqlite3_close_v2(database); }
    void operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
  };
  explicit Connection(sqlite3* database) : database_{database} {}

  std::unique_ptr<sqlite3, Close> database_;
  std::unordered_map<const char*, std::unique_ptr<sqlite3_stmt, Close>> statements_;
};

}  // namespace signet::activation::sqlite
