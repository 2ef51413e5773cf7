// Device nodes that exist for the code under test only. The descriptors are real ones (of /dev/null), so that they can
// be closed; what they are and do is decided here.
#pragma once

#include <fcntl.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <map>
#include <string>
#include <vector>

#include "rpmb/transport/node/syscalls.h"

namespace signet::rpmb {

class FakeDevices : public Syscalls {
 public:
  void add(const std::string& path, mode_t type, dev_t number = 0) { nodes_[path] = {type, number}; }
  void remove(const std::string& path) { nodes_.erase(path); }
  void refuse_open(int error) { open_error_ = error; }

  int stat(const char* path, struct stat& status) override {
    const auto node = nodes_.find(path);
    if (node == nodes_.end()) return -ENOENT;
    status = {};
    status.st_mode = node->second.type | 0600;
    status.st_rdev = node->second.number;
    return 0;
  }
  int open(const char* path, int flags) override {
    if (open_error_ != 0) return -open_error_;
    opened_flags.push_back(flags);
    opened_ = path;
    return ::open("/dev/null", O_RDWR | O_CLOEXEC);
  }
  int fstat(int, struct stat& status) override { return stat(opened_.c_str(), status); }
  int ioctl(int, unsigned long, void*) override { return -ENOTTY; }  // a device that knows nothing

  std::vector<int> opened_flags;

 private:
  struct Node {
    mode_t type;
    dev_t number;
  };
  std::map<std::string, Node> nodes_;
  std::string opened_;
  int open_error_ = 0;
};

}  // namespace signet::rpmb
