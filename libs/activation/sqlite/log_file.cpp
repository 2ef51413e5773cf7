#include "activation/sqlite/log_file.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace signet::activation::sqlite {
namespace {

constexpr const char* kName = "signet-log";
constexpr std::size_t kMostKept = 0x1ffff;  // octets; SQLite's VFS for Unix takes no more at once

// The system's VFS. There is one before any other.
sqlite3_vfs& system_vfs() {
  static sqlite3_vfs& found = *::sqlite3_vfs_find(nullptr);
  return found;
}

// What SQLite has allocated for a file: this and, behind it, the system's own.
class LogFile {
 public:
  static LogFile& of(sqlite3_file* file) { return *reinterpret_cast<LogFile*>(file); }
  static std::size_t size() { return offset() + static_cast<std::size_t>(system_vfs().szOsFile); }

  explicit LogFile(const sqlite3_io_methods& methods) : base_{&methods} {}

  [[nodiscard]] sqlite3_file* real() {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<std::byte*>(this) + offset());
  }
  [[nodiscard]] const sqlite3_io_methods& methods() { return *real()->pMethods; }

  int write(const void* octets, std::size_t size, sqlite3_int64 at) try {
    const bool follows = at == at_ + static_cast<sqlite3_int64>(kept_.size());
    if (!follows || kept_.size() + size > kMostKept) {
      if (const int code = pass_on(); code != SQLITE_OK) return code;
      at_ = at;
    }
    const auto* first = static_cast<const std::uint8_t*>(octets);
    kept_.insert(kept_.end(), first, first + size);
    return SQLITE_OK;
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }

  // After an error nothing is kept: SQLite undoes the transaction, and writes the next one to the same place.
  int pass_on() {
    if (kept_.empty()) return SQLITE_OK;
    const int code = methods().xWrite(real(), kept_.data(), static_cast<int>(kept_.size()), at_);
    at_ += static_cast<sqlite3_int64>(kept_.size());
    kept_.clear();
    return code;
  }

 private:
  static constexpr std::size_t offset() {
    constexpr std::size_t kAlignment = alignof(std::max_align_t);
    return (sizeof(LogFile) + kAlignment - 1) / kAlignment * kAlignment;
  }

  sqlite3_file base_;  // first, for SQLite
  sqlite3_int64 at_ = 0;
  std::vector<std::uint8_t> kept_;  // belongs at `at_`
};

// Whatever asks for the file, or for more than to write on, finds everything in it.
template <class Call>
int passed_on(sqlite3_file* file, Call call) {
  if (const int code = LogFile::of(file).pass_on(); code != SQLITE_OK) return code;
  return call(LogFile::of(file).methods(), LogFile::of(file).real());
}

int close(sqlite3_file* file) {
  LogFile& log = LogFile::of(file);
  const int passed = log.pass_on();
  const int closed = log.methods().xClose(log.real());
  log.~LogFile();
  return passed != SQLITE_OK ? passed : closed;
}
int read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  return passed_on(file, [=](auto& real, auto* f) { return real.xRead(f, to, size, at); });
}
int write(sqlite3_file* file, const void* octets, int size, sqlite3_int64 at) {
  return LogFile::of(file).write(octets, static_cast<std::size_t>(size), at);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  return passed_on(file, [=](auto& real, auto* f) { return real.xTruncate(f, size); });
}
int sync(sqlite3_file* file, int flags) {
  return passed_on(file, [=](auto& real, auto* f) { return real.xSync(f, flags); });
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return passed_on(file, [=](auto& real, auto* f) { return real.xFileSize(f, size); });
}
int lock(sqlite3_file* file, int kind) { return LogFile::of(file).methods().xLock(LogFile::of(file).real(), kind); }
int unlock(sqlite3_file* file, int kind) { return LogFile::of(file).methods().xUnlock(LogFile::of(file).real(), kind); }
int check_reserved_lock(sqlite3_file* file, int* held) {
  return LogFile::of(file).methods().xCheckReservedLock(LogFile::of(file).real(), held);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
  return passed_on(file, [=](auto& real, auto* f) { return real.xFileControl(f, operation, argument); });
}
int sector_size(sqlite3_file* file) { return LogFile::of(file).methods().xSectorSize(LogFile::of(file).real()); }
int device_characteristics(sqlite3_file* file) {
  return LogFile::of(file).methods().xDeviceCharacteristics(LogFile::of(file).real());
}

const sqlite3_io_methods kMethods{
    1,  // of the interface: a log is neither mapped nor shared memory
    close,
    read,
    write,
    truncate,
    sync,
    file_size,
    lock,
    unlock,
    check_reserved_lock,
    file_control,
    sector_size,
    device_characteristics,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

// Every other file is the system's.
int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_of_file) {
  sqlite3_vfs& system = system_vfs();
  if ((flags & SQLITE_OPEN_WAL) == 0) return system.xOpen(&system, name, file, flags, flags_of_file);
  auto* log = new (file) LogFile{kMethods};
  const int code = system.xOpen(&system, name, log->real(), flags, flags_of_file);
  if (code == SQLITE_OK) return code;
  log->~LogFile();
  file->pMethods = nullptr;  // nothing to be closed
  return code;
}

bool registered() {
  if (::sqlite3_initialize() != SQLITE_OK) return false;
  static sqlite3_vfs vfs = system_vfs();
  vfs.zName = kName;
  vfs.szOsFile = static_cast<int>(LogFile::size());
  vfs.xOpen = open;
  vfs.pNext = nullptr;
  return ::sqlite3_vfs_register(&vfs, 0) == SQLITE_OK;
}

}  // namespace

const char* log_gathering_vfs() {
  static const bool once = registered();
  return once ? kName : nullptr;
}

}  // namespace signet::activation::sqlite
