#include "identity/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"

namespace signet::identity {
namespace {

Failure failed(std::string_view what, const std::string& path, int error) {
  Errc code = Errc::io;
  if (error == EEXIST) code = Errc::already_exists;
  if (error == ENOENT || error == ENOTDIR) code = Errc::not_found;
  if (error == ENOSPC || error == EDQUOT) code = Errc::no_space;
  return fail(code, std::string{what} + " " + path + ": " + std::strerror(error));
}

Failure unfit(const std::string& path, const std::string& rule) {
  return fail(Errc::config_invalid, "file " + path + " must " + rule);
}

// Zero, or the errno of the call that failed.
int write_all(int fd, BytesView text) {
  while (!text.empty()) {
    ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    text = text.subspan(static_cast<std::size_t>(n));
  }
  return ::fsync(fd) == 0 ? 0 : errno;
}

std::string directory_of(const std::string& path) {
  auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

int sync_directory(const std::string& directory) {
  UniqueFd fd{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return fd && ::fsync(fd.get()) == 0 ? 0 : errno;
}

Result<void> check(const std::string& path, const FileRule& rule, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return unfit(path, "be a regular file");
  if (rule.ours && status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return unfit(path, "belong to root or to user id " + std::to_string(::geteuid()) + ", not to user id " +
                           std::to_string(status.st_uid));
  }
  if ((status.st_mode & rule.forbidden) != 0) return unfit(path, rule.words);
  return {};
}

}  // namespace

Result<void> create_secret_file(const std::string& path, BytesView text) {
  UniqueFd fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!fd) return failed("creating file", path, errno);
  int error = ::fchmod(fd.get(), 0600) == 0 ? 0 : errno;  // whatever the umask was
  if (error == 0) error = write_all(fd.get(), text);
  if (error == 0) error = sync_directory(directory_of(path));
  if (error == 0) return {};
  ::unlink(path.c_str());
  return failed("writing file", path, error);
}

Result<SecretBuffer> read_secret_file(const std::string& path, const FileRule& rule, std::size_t limit) {
  // O_NONBLOCK: a FIFO at this path must not hold us up.
  UniqueFd fd{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
  if (!fd && errno == ELOOP) return unfit(path, "not be a symbolic link");
  if (!fd && errno == EACCES) return unfit(path, "be readable for user id " + std::to_string(::geteuid()));
  if (!fd) return failed("opening file", path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return failed("reading file", path, errno);
  SIGNET_TRY(check(path, rule, status));

  SecretBuffer text{limit + 1};  // one more shows that there is more
  std::size_t size = 0;
  while (size < text.size()) {
    ssize_t n = ::read(fd.get(), text.writable().data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("reading file", path, errno);
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > limit) return unfit(path, "not be larger than " + std::to_string(limit) + " octets");
  return SecretBuffer{text.view().first(size)};
}

}  // namespace signet::identity
