#include "activationd/places.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace signet::activationd {
namespace {

Failure failed(const std::string& what, int error) {
  return fail(error == ENOENT ? Errc::not_found : Errc::io, what + ": " + std::strerror(error));
}

Result<struct stat> owner_of(const std::string& directory) {
  struct stat status {};
  if (::lstat(directory.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return status;
  return failed("state directory " + directory, errno == 0 ? ENOTDIR : errno);
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

Result<void> rename_if_there(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0 || errno == ENOENT) return {};
  return failed("renaming " + from, errno);
}

Result<void> sync(const std::string& directory) {
  const UniqueFd fd{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (fd && ::fsync(fd.get()) == 0) return {};
  return failed("writing directory " + directory, errno);
}

}  // namespace

Result<UniqueFd> lock(const Places& places) {
  UniqueFd fd{::open(places.lock().c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!fd) return failed("opening " + places.lock(), errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return failed("locking " + places.lock(), errno);
  return fail(Errc::busy, "activationd is running on " + places.state_dir + "; stop it first");
}

Result<AsOwner> AsOwner::of(const std::string& state_dir) {
  SIGNET_ASSIGN(const struct stat status, owner_of(state_dir));
  if (::geteuid() != 0 || status.st_uid == 0) return AsOwner{false};
  if (::setegid(status.st_gid) == 0 && ::seteuid(status.st_uid) == 0) return AsOwner{true};
  return failed("becoming user id " + std::to_string(status.st_uid), errno);
}

AsOwner::~AsOwner() {
  if (!active_) return;
  if (::seteuid(0) != 0 || ::setegid(0) != 0) std::perror("activationd: becoming root again");
}

Result<void> give_to_owner(const Places& places, const std::string& file) {
  SIGNET_ASSIGN(const struct stat status, owner_of(places.state_dir));
  if (::geteuid() != 0) return {};
  if (::lchown(file.c_str(), status.st_uid, status.st_gid) == 0) return {};
  return failed("giving " + file + " to user id " + std::to_string(status.st_uid), errno);
}

Result<void> replace_database(const Places& places) {
  if (exists(places.previous())) {
    return fail(Errc::already_exists, places.previous() + " is there from an earlier restore; move it away first");
  }
  // The write-ahead log belongs to its database by its name. It goes first: without its log a database is an older
  // state of itself, with a foreign one it would be nonsense.
  SIGNET_TRY(rename_if_there(places.database() + "-wal", places.previous() + "-wal"));
  SIGNET_TRY(rename_if_there(places.database(), places.previous()));
  ::unlink((places.database() + "-shm").c_str());
  if (::rename(places.incoming().c_str(), places.database().c_str()) != 0) {
    return failed("renaming " + places.incoming(), errno);
  }
  return sync(places.state_dir);
}

}  // namespace signet::activationd
