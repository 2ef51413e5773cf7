#include "rpmb/transport/node/chip_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/hex.h"
#include "rpmb/transport/node/sysfs.h"

namespace signet::rpmb {
namespace {

Error lock_error(int error, const std::string& what) {
  const Errc code = error == ENOSPC || error == EDQUOT ? Errc::no_space : Errc::config_invalid;
  return {code,
          what + ": " + std::generic_category().message(error) + "; the runtime directory must exist and be writable"};
}

std::string owner(int fd) {
  std::array<char, 20> text;
  const ssize_t size = ::pread(fd, text.data(), text.size(), 0);
  const auto pid = sysfs::parse_number({text.data(), size > 0 ? static_cast<std::size_t>(size) : 0});
  return pid ? "process " + std::to_string(*pid) : "another process";
}

}  // namespace

Result<ChipLock> ChipLock::acquire(const std::filesystem::path& directory, const Cid& cid) {
  const auto path = directory / ("chip-" + to_hex(cid) + ".lock");
  UniqueFd fd{::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!fd) return fail(lock_error(errno, "lock file " + path.string()));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail(lock_error(errno, "lock on " + path.string()));
    return fail(Errc::busy, "chip " + to_hex(cid) + " is in use by " + owner(fd.get()) + " (" + path.string() + ")");
  }
  const auto pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), pid.data(), pid.size(), 0) < 0) {
    return fail(lock_error(errno, "lock file " + path.string()));
  }
  return ChipLock{std::move(fd)};
}

}  // namespace signet::rpmb
