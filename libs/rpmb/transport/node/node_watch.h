// Tells when it is worth looking for a chip again: a node appeared, went away, or changed its permissions.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "base/unique_fd.h"

namespace signet::rpmb {

// Watches one directory of device nodes through inotify; no polling, no thread. For an event loop: wait until fd() is
// readable, drain(), look again. Create the watch before the first look, so that nothing falls between the two.
class NodeWatch {
 public:
  // Errors: config_invalid (no such directory), io (inotify refuses: too many watches).
  static Result<NodeWatch> open(const std::filesystem::path& directory);

  [[nodiscard]] int fd() const { return fd_.get(); }

  // Takes all pending events, never blocks. True when there was one.
  bool drain();

 private:
  explicit NodeWatch(UniqueFd fd) : fd_{std::move(fd)} {}

  UniqueFd fd_;
};

}  // namespace signet::rpmb
