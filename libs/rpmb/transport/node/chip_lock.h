// Keeps a second owner away from a chip: two daemons that write one RPMB partition would each see the other as an
// attacker.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "base/unique_fd.h"
#include "rpmb/transport.h"

namespace signet::rpmb {

// An exclusive lock on <directory>/chip-<cid>.lock, held until destroyed or until the process ends, however it ends.
// The file stays behind and holds the process id of the last owner.
class ChipLock {
 public:
  // Errors: busy (the context names the process that holds it), config_invalid (the directory cannot be used),
  // no_space.
  static Result<ChipLock> acquire(const std::filesystem::path& directory, const Cid& cid);

 private:
  explicit ChipLock(UniqueFd fd) : fd_{std::move(fd)} {}

  UniqueFd fd_;
};

}  // namespace signet::rpmb
