#include "activation/sqlite/store.h"

#include <fcntl.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "activation/sqlite/records_sql.h"
#include "activation/sqlite/schema.h"
#include "base/unique_fd.h"

namespace signet::activation::sqlite {
namespace {

constexpr std::size_t kIdleReaders = 8;
// Pages of 4 KiB: what is written often goes from the log to the database once per 16 MB of log, and 32 MB of what was
// read stay in memory. So does what a savepoint keeps to go back to, instead of in files of its own.
constexpr auto kLimits =
    "PRAGMA wal_autocheckpoint=4096; PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-32768;"
    "PRAGMA temp_store=MEMORY";

// The database holds sealed keys: nobody else shall read it, whatever the umask.
Result<void> create_file(const std::string& path) {
  UniqueFd file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (file) return {};
  const int code = errno;
  const bool full = code == ENOSPC || code == EDQUOT;
  return fail(full             ? Errc::no_space
              : code == ENOENT ? Errc::not_found
                               : Errc::io,
              "create " + path + ": " + std::strerror(code));
}

Result<void> exists(const std::string& path) {
  if (::access(path.c_str(), F_OK) == 0) return {};
  return fail(Errc::not_found, "there is no database at " + path + "; `activationd init` makes one");
}

// SQLite stays with another journal, without an error, where shared memory is not to be had.
Result<void> use_wal(Connection& connection, const std::string& path) {
  Query query = connection.query("PRAGMA journal_mode=WAL");
  SIGNET_TRY(query.next());
  if (query.text() == "wal") return {};
  return fail(Errc::unsupported, "the file system of " + path + " does not do for a write-ahead log");
}

// An error of the domain may come as an exception only by mistake; the other units must not suffer for it.
Result<void> guarded(const Repository::Writing& work, Connection& writer) {
  try {
    Records records{writer};
    return work(records);
  } catch (const std::exception& e) {
    return fail(Errc::internal, std::string{"unit of work: "} + e.what());
  }
}

// Of a unit after which there is no transaction any more.
Error undone(const Result<void>& result) {
  return result ? Error{Errc::io, "the transaction was undone by SQLite"} : result.error();
}

}  // namespace

struct Store::Impl {
  struct Unit {
    Writing work;
    Done<void> done;
  };

  Impl(StoreOptions given, Connection connection) : options{std::move(given)}, writer{std::move(connection)} {}

  void serve();
  void commit(std::vector<Unit>& units);
  Result<void> run(std::vector<Unit>& units, std::vector<Result<void>>& results);
  Result<bool> run_straight(std::vector<Unit>& units, std::vector<Result<void>>& results);
  Result<void> run_undoably(const Writing& work, Result<void>& result);
  Result<Connection> take_reader();
  void give_back(Connection reader);

  const StoreOptions options;
  Connection writer;  // of the store's thread

  mutable std::mutex mutex;  // of all that follows
  std::condition_variable ready;
  std::deque<Unit> waiting;
  Commits counts;
  bool stopping = false;
  std::vector<Connection> readers;  // idle ones

  std::thread thread;  // last: it uses the rest
};

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options) {
  SIGNET_TRY(options.create ? create_file(options.path) : exists(options.path));
  SIGNET_ASSIGN(auto connection, Connection::open(options.path, Connection::Use::write, options.busy_timeout));
  SIGNET_TRY(migrate(connection));
  SIGNET_TRY(use_wal(connection, options.path));
  SIGNET_TRY(connection.execute(kLimits));
  return std::unique_ptr<Store>{new Store{std::make_unique<Impl>(options, std::move(connection))}};
}

Store::Store(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {
  impl_->thread = std::thread{[impl = impl_.get()] { impl->serve(); }};
}

Store::~Store() {
  {
    const std::lock_guard lock{impl_->mutex};
    impl_->stopping = true;
  }
  impl_->ready.notify_one();
  impl_->thread.join();
}

void Store::write(Writing work, Done<void> done) {
  {
    const std::lock_guard lock{impl_->mutex};
    impl_->waiting.push_back({std::move(work), std::move(done)});
  }
  impl_->ready.notify_one();
}

Result<void> Store::read(const Reading& work) {
  SIGNET_ASSIGN(auto reader, impl_->take_reader());
  SIGNET_TRY(reader.run("BEGIN"));
  Records records{reader};
  auto result = work(records);
  if (const auto ended = reader.run("ROLLBACK"); !ended) return ended;
  impl_->give_back(std::move(reader));
  return result;
}

Store::Commits Store::commits() const {
  const std::lock_guard lock{impl_->mutex};
  Commits counts = impl_->counts;
  counts.waiting = impl_->waiting.size();
  return counts;
}

Result<Connection> Store::Impl::take_reader() {
  {
    const std::lock_guard lock{mutex};
    if (!readers.empty()) {
      Connection reader = std::move(readers.back());
      readers.pop_back();
      return reader;
    }
  }
  return Connection::open(options.path, Connection::Use::read, options.busy_timeout);
}

void Store::Impl::give_back(Connection reader) {
  const std::lock_guard lock{mutex};
  if (readers.size() < kIdleReaders) readers.push_back(std::move(reader));
}

void Store::Impl::serve() {
  std::vector<Unit> units;
  for (;;) {
    {
      std::unique_lock lock{mutex};
      ready.wait(lock, [this] { return stopping || !waiting.empty(); });
      if (waiting.empty()) return;
      while (!waiting.empty() && units.size() < options.group) {
        units.push_back(std::move(waiting.front()));
        waiting.pop_front();
      }
    }
    commit(units);
    units.clear();
  }
}

void Store::Impl::commit(std::vector<Unit>& units) {
  std::vector<Result<void>> results(units.size());
  auto committed = run(units, results);
  if (committed) committed = writer.run("COMMIT");
  if (!committed && writer.in_transaction()) static_cast<void>(writer.run("ROLLBACK"));
  {
    const std::lock_guard lock{mutex};
    counts.units += committed ? units.size() : 0;
    counts.commits += committed ? 1U : 0U;
    counts.failed += committed ? 0U : 1U;
  }
  for (std::size_t i = 0; i < units.size(); ++i) {
    units[i].done(committed ? std::move(results[i]) : Result<void>{fail(committed.error())});
  }
}

// A savepoint for each unit would cost a copy of every page that it touches. They are set only when a unit has failed
// that had changed something: then all begin anew.
Result<void> Store::Impl::run(std::vector<Unit>& units, std::vector<Result<void>>& results) {
  SIGNET_TRY(writer.run("BEGIN IMMEDIATE"));
  SIGNET_ASSIGN(const bool good, run_straight(units, results));
  if (good) return {};
  SIGNET_TRY(writer.run("ROLLBACK"));
  SIGNET_TRY(writer.run("BEGIN IMMEDIATE"));
  for (std::size_t i = 0; i < units.size(); ++i) SIGNET_TRY(run_undoably(units[i].work, results[i]));
  return {};
}

// Whether there is nothing to be undone. The error, here and below, is what befell the whole group: a full disk, say,
// makes SQLite undo all of it.
Result<bool> Store::Impl::run_straight(std::vector<Unit>& units, std::vector<Result<void>>& results) {
  for (std::size_t i = 0; i < units.size(); ++i) {
    const std::int64_t before = writer.total_changes();
    results[i] = guarded(units[i].work, writer);
    if (!writer.in_transaction()) return fail(undone(results[i]));
    if (!results[i] && writer.total_changes() != before) return false;
  }
  return true;
}

Result<void> Store::Impl::run_undoably(const Writing& work, Result<void>& result) {
  SIGNET_TRY(writer.run("SAVEPOINT unit"));
  result = guarded(work, writer);
  if (!writer.in_transaction()) return fail(undone(result));
  if (!result) SIGNET_TRY(writer.run("ROLLBACK TO unit"));
  return writer.run("RELEASE unit");
}

}  // namespace signet::activation::sqlite
