// The system calls that a transport makes on a device node. Tests put a behaving device behind them.
#pragma once

#include <sys/stat.h>

#include "base/unique_fd.h"

namespace signet::rpmb {

// Every call returns what the system call does, but for failure: then -errno.
class Syscalls {
 public:
  virtual ~Syscalls() = default;
  virtual int stat(const char* path, struct stat& status) = 0;
  virtual int open(const char* path, int flags) = 0;  // the caller owns the descriptor
  virtual int fstat(int fd, struct stat& status) = 0;
  virtual int ioctl(int fd, unsigned long request, void* argument) = 0;
};

// The kernel's. Stateless; may be used from any thread.
Syscalls& kernel();

}  // namespace signet::rpmb
