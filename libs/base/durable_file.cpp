#include "base/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/unique_fd.h"

namespace signet {
namespace {

UniqueFd open_directory(const std::string& path) {
  return UniqueFd{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

Result<void> sync(const UniqueFd& file, const std::string& what) {
  if (::fsync(file.get()) != 0) return system_failure("fsync " + what);
  return {};
}

Result<void> write_durably(const std::string& path, BytesView content) {
  ::unlink(path.c_str());  // what a crash has left may have other rights, or be a link
  const UniqueFd file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file) return system_failure("create " + path);
  while (!content.empty()) {
    const auto written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_failure("write " + path);
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return sync(file, path);
}

}  // namespace

Failure system_failure(const std::string& what) {
  const int code = errno;
  const bool full = code == ENOSPC || code == EDQUOT;
  return fail(full ? Errc::no_space : Errc::io, what + ": " + std::strerror(code));
}

Result<void> sync_directory(const std::string& path) {
  const auto directory = open_directory(path);
  return directory ? sync(directory, path) : system_failure("open " + path);
}

// The directory is opened first: of all that can fail only its fsync comes after there is new content.
Result<void> replace_file(const std::string& path, BytesView content) {
  const auto parent = std::filesystem::path{path}.parent_path().string();
  const auto directory = open_directory(parent.empty() ? "." : parent);
  const std::string its_directory = "the directory of " + path;
  if (!directory) return system_failure("open " + its_directory);
  const std::string fresh = path + ".new";
  SIGNET_TRY(write_durably(fresh, content));
  if (::rename(fresh.c_str(), path.c_str()) != 0) return system_failure("rename to " + path);
  return sync(directory, its_directory);
}

}  // namespace signet
