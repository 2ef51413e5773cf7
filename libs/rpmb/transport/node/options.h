// What the administrator says about a chip behind a device node; shared by the transports that use one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "rpmb/transport.h"

namespace signet::rpmb {

struct NodeOptions {
  std::filesystem::path node;            // empty: found through sysfs
  std::optional<Cid> cid;                // which chip when there are several, or what sysfs does not tell
  std::optional<std::uint64_t> size;     // octets of the partition; must agree with sysfs where that tells it
  std::filesystem::path lock_directory;  // writable; one lock file per chip keeps a second owner away
  std::filesystem::path sysfs = "/sys";
  std::filesystem::path devices = "/dev";
};

}  // namespace signet::rpmb
