// An open character device: what every transport checks before it sends the first frame.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "rpmb/transport/node/syscalls.h"

namespace signet::rpmb {

// What to say of a system call that failed with the errno `error`; `what` says what was being done.
Error open_error(int error, const std::string& what);      // no_chip, chip_permission, busy, else io
Error transfer_error(int error, const std::string& what);  // no_chip, chip_permission, timeout, else io

struct DeviceNode {
  std::filesystem::path path;
  UniqueFd fd;
  dev_t number = 0;  // which device the node was when it was opened; sysfs knows the device by this
};

// Opens `path` with `flags`, provided it is a character device.
// Errors: no_chip (nothing there), chip_permission, busy; not_rpmb for a block device, a file or anything else: the
// context names the node that was probably meant.
Result<DeviceNode> open_node(Syscalls& syscalls, const std::filesystem::path& path, int flags);

// Which device the path leads to now. Errors: no_chip.
Result<dev_t> device_behind(Syscalls& syscalls, const std::filesystem::path& path);

// "/dev/mmcblk0rpmb" for "/dev/mmcblk0", "/dev/mmcblk0p1" and "/dev/mmcblk0boot0"; empty for any other path.
std::filesystem::path rpmb_node_of(const std::filesystem::path& block_device);

}  // namespace signet::rpmb
