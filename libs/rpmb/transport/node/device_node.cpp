#include "rpmb/transport/node/device_node.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace signet::rpmb {
namespace {

constexpr const char* kPermissionRemedy =
    "; the user of this process needs read and write access to the node (the udev rule of the rpmbd package gives it), "
    "and its unit a DeviceAllow= for it";

std::string describe(int error, const std::string& what) {
  return what + ": " + std::generic_category().message(error);
}

// Says why `path` cannot be an RPMB node, from what kind of file it is.
Result<void> require_character_device(const std::filesystem::path& path, const struct stat& status) {
  if (S_ISCHR(status.st_mode)) return {};
  if (S_ISBLK(status.st_mode)) {
    const auto meant = rpmb_node_of(path);
    const std::string hint = meant.empty()   ? "the RPMB partition of UFS is the /dev/sg node of its own logical unit"
                             : meant == path ? "kernels before 4.15, which serve RPMB there, are not supported"
                                             : "the RPMB node of this chip is " + meant.string();
    return fail(Errc::not_rpmb, path.string() + " is a block device; " + hint);
  }
  if (S_ISREG(status.st_mode)) {
    return fail(Errc::not_rpmb,
                path.string() + " is a regular file; an emulated chip is chosen with transport = \"emulator\"");
  }
  return fail(Errc::not_rpmb, path.string() + " is not a character device");
}

}  // namespace

Error open_error(int error, const std::string& what) {
  const auto context = describe(error, what);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENODEV:
    case ENXIO: return {Errc::no_chip, context};
    case EACCES:
    case EPERM: return {Errc::chip_permission, context + kPermissionRemedy};
    case EBUSY: return {Errc::busy, context};
    default: return {Errc::io, context};
  }
}

Error transfer_error(int error, const std::string& what) {
  const auto context = describe(error, what);
  switch (error) {
    case ENODEV:
    case ENXIO:
    case ENOMEDIUM: return {Errc::no_chip, context};
    case EACCES:
    case EPERM: return {Errc::chip_permission, context};
    case ETIMEDOUT: return {Errc::timeout, context};
    default: return {Errc::io, context};
  }
}

Result<DeviceNode> open_node(Syscalls& syscalls, const std::filesystem::path& path, int flags) {
  const auto what = "opening " + path.string();
  struct stat status {};
  // Looked at before it is opened: opening alone can rewind a tape or wake a disk.
  if (const int looked = syscalls.stat(path.c_str(), status); looked < 0) return fail(open_error(-looked, what));
  SIGNET_TRY(require_character_device(path, status));

  const int fd = syscalls.open(path.c_str(), flags);
  if (fd < 0) return fail(open_error(-fd, what));
  DeviceNode node{path, UniqueFd{fd}, 0};
  if (const int looked = syscalls.fstat(fd, status); looked < 0) return fail(open_error(-looked, what));
  SIGNET_TRY(require_character_device(path, status));  // it may have been replaced in between
  node.number = status.st_rdev;
  return node;
}

Result<dev_t> device_behind(Syscalls& syscalls, const std::filesystem::path& path) {
  struct stat status {};
  const int looked = syscalls.stat(path.c_str(), status);
  if (looked < 0) return fail(Errc::no_chip, describe(-looked, "looking for " + path.string()));
  if (!S_ISCHR(status.st_mode)) return fail(Errc::no_chip, path.string() + " is no longer a character device");
  return status.st_rdev;
}

std::filesystem::path rpmb_node_of(const std::filesystem::path& block_device) {
  constexpr std::string_view kPrefix = "mmcblk";
  const auto name = block_device.filename().string();
  if (!name.starts_with(kPrefix)) return {};
  const auto end = std::min(name.find_first_not_of("0123456789", kPrefix.size()), name.size());
  if (end == kPrefix.size()) return {};
  return block_device.parent_path() / (name.substr(0, end) + "rpmb");
}

}  // namespace signet::rpmb
