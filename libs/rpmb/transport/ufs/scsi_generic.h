// One SCSI command at a time through a /dev/sgN node (SG_IO, interface version 3).
#pragma once

#include <span>

#include "rpmb/transport/node/device_node.h"
#include "rpmb/transport/ufs/scsi.h"

namespace signet::rpmb {

class ScsiGeneric {
 public:
  enum class Outcome : std::uint8_t {
    done,
    unit_attention,  // the unit reports an event, such as a reset, instead of carrying out the command
  };

  // Errors: those of open_node; not_rpmb: no SCSI generic node.
  static Result<ScsiGeneric> open(Syscalls& syscalls, const std::filesystem::path& path);

  // Send `data` with the command, or fill `data` with its answer. Block, at most 10 s.
  // Errors: io, timeout, no_chip: the command may have been carried out; chip_permission: a security module forbids it.
  Result<Outcome> send(const scsi::Command& command, std::span<const std::uint8_t> data);
  Result<Outcome> receive(const scsi::Command& command, std::span<std::uint8_t> data);

  [[nodiscard]] const DeviceNode& node() const { return node_; }

 private:
  ScsiGeneric(Syscalls& syscalls, DeviceNode node) : syscalls_{&syscalls}, node_{std::move(node)} {}

  Result<Outcome> transfer(int direction, scsi::Command command, void* data, std::size_t size);

  Syscalls* syscalls_;
  DeviceNode node_;
};

}  // namespace signet::rpmb
