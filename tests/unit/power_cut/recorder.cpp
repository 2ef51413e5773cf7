#include "tests/unit/power_cut/recorder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdarg>
#include <stdexcept>

namespace signet::power_cut {
namespace {

Recorder* present = nullptr;

}  // namespace

// What the wraps below tell.
struct Calls {
  static Recorder* watching(const char* path) {
    return present != nullptr && present->watches(path) ? present : nullptr;
  }

  static void opened(const char* path, int flags, int fd) {
    auto* recorder = watching(path);
    if (recorder == nullptr || fd < 0) return;
    const std::string name = recorder->relative(path);
    if ((flags & O_DIRECTORY) != 0) {
      recorder->directories_[fd] = name;
    } else if ((flags & O_ACCMODE) != O_RDONLY) {
      if ((flags & O_EXCL) == 0) throw std::logic_error{"a file is changed in place: " + name};
      recorder->files_[fd] = recorder->disk_.create(name);
      recorder->happened();
    }
  }
  static void wrote(int fd, const void* data, ssize_t size) {
    if (present == nullptr || size <= 0 || !present->files_.contains(fd)) return;
    present->disk_.write(present->files_[fd], {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)});
    present->happened();
  }
  // False: not ours.
  static bool synced(int fd) {
    if (present == nullptr) return false;
    if (const auto file = present->files_.find(fd); file != present->files_.end()) {
      present->disk_.sync(file->second);
    } else if (const auto directory = present->directories_.find(fd); directory != present->directories_.end()) {
      present->disk_.sync_directory(directory->second);
    } else {
      return false;
    }
    present->happened();
    return true;
  }
  static void closed(int fd) {
    if (present == nullptr) return;
    present->files_.erase(fd);
    present->directories_.erase(fd);
  }
  static void renamed(const char* from, const char* to) {
    auto* recorder = watching(to);
    if (recorder == nullptr) return;
    recorder->disk_.rename(recorder->relative(from), recorder->relative(to));
    recorder->happened();
  }
  static void unlinked(const char* path) {
    auto* recorder = watching(path);
    if (recorder == nullptr) return;
    recorder->disk_.unlink(recorder->relative(path));
    recorder->happened();
  }
  static void made_directory(const char* path) {
    auto* recorder = watching(path);
    if (recorder == nullptr) return;
    recorder->disk_.make_directory(recorder->relative(path));
    recorder->happened();
  }
};

Recorder::Recorder() {
  if (present != nullptr) throw std::logic_error{"there is a recorder already"};
  present = this;
}

Recorder::~Recorder() { present = nullptr; }

bool Recorder::watches(const std::string& path) const {
  return path == directory_.path() || path.starts_with(directory_.path() + "/");
}

std::string Recorder::relative(const std::string& path) const {
  return path == directory_.path() ? "" : path.substr(directory_.path().size() + 1);
}

void Recorder::put(const Tree& tree) {
  for (const auto& entry : std::filesystem::directory_iterator{path()}) std::filesystem::remove_all(entry.path());
  for (const auto& name : tree.directories) std::filesystem::create_directory(directory_.path(name));
  for (const auto& [name, content] : tree.files) directory_.write(name, as_text(content));
  disk_ = Disk{tree};
  files_.clear();
  directories_.clear();
}

}  // namespace signet::power_cut

// NOLINTBEGIN: the linker's names. `open64` is what `open` is called where files may be large.
extern "C" {
int __real_open(const char* path, int flags, mode_t mode);
ssize_t __real_write(int fd, const void* data, size_t size);
int __real_fsync(int fd);
int __real_close(int fd);
int __real_rename(const char* from, const char* to);
int __real_unlink(const char* path);
int __real_mkdir(const char* path, mode_t mode);

using signet::power_cut::Calls;

int __wrap_open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : mode_t{0};
  va_end(arguments);
  const int fd = __real_open(path, flags, mode);
  Calls::opened(path, flags, fd);
  return fd;
}
int __wrap_open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : mode_t{0};
  va_end(arguments);
  return __wrap_open(path, flags | O_LARGEFILE, mode);
}
ssize_t __wrap_write(int fd, const void* data, size_t size) {
  const ssize_t written = __real_write(fd, data, size);
  Calls::wrote(fd, data, written);
  return written;
}
int __wrap_fsync(int fd) { return Calls::synced(fd) ? 0 : __real_fsync(fd); }
int __wrap_close(int fd) {
  Calls::closed(fd);
  return __real_close(fd);
}
int __wrap_rename(const char* from, const char* to) {
  const int outcome = __real_rename(from, to);
  if (outcome == 0) Calls::renamed(from, to);
  return outcome;
}
int __wrap_unlink(const char* path) {
  const int outcome = __real_unlink(path);
  if (outcome == 0) Calls::unlinked(path);
  return outcome;
}
int __wrap_mkdir(const char* path, mode_t mode) {
  const int outcome = __real_mkdir(path, mode);
  if (outcome == 0) Calls::made_directory(path);
  return outcome;
}
}
// NOLINTEND
