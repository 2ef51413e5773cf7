#include "rpmb/transport/node/syscalls.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include <cerrno>

namespace signet::rpmb {
namespace {

int outcome(int returned) { return returned < 0 ? -errno : returned; }

class Kernel final : public Syscalls {
 public:
  int stat(const char* path, struct stat& status) override { return outcome(::stat(path, &status)); }
  int open(const char* path, int flags) override { return outcome(::open(path, flags)); }
  int fstat(int fd, struct stat& status) override { return outcome(::fstat(fd, &status)); }
  int ioctl(int fd, unsigned long request, void* argument) override { return outcome(::ioctl(fd, request, argument)); }
};

}  // namespace

Syscalls& kernel() {
  static Kernel the_kernel;
  return the_kernel;
}

}  // namespace signet::rpmb
