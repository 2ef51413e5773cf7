// RPMB of an eMMC through the kernel's character device /dev/mmcblkNrpmb.
//
// Each operation is exactly one MMC_IOC_MULTI_CMD: the kernel then holds the card for the whole list, switches to the
// RPMB partition and back, and lets no other I/O in between. It also sends CMD23, with the reliable-write bit taken
// from bit 31 of write_flag, so that a CMD23 of our own would be one too many.
#pragma once

#include <memory>

#include "rpmb/transport.h"
#include "rpmb/transport/node/chip_lock.h"
#include "rpmb/transport/node/device_node.h"
#include "rpmb/transport/node/options.h"

namespace signet::rpmb {

class MmcTransport final : public Transport {
 public:
  // Opens options.node, or the node that sysfs leads to, and takes the chip's lock. No frame is sent.
  // Errors: those of mmc::find_node, open_node, mmc::read_facts and ChipLock::acquire; not_rpmb: the node does not know
  // the ioctl.
  static Result<std::unique_ptr<MmcTransport>> open(const NodeOptions& options, Syscalls& syscalls = kernel());

  const ChipFacts& facts() const override { return facts_; }
  bool read_request_carries_count() const override { return false; }
  Result<void> program(std::span<const Frame> request, Frame& response) override;
  Result<void> read(const Frame& request, std::span<Frame> response) override;
  Result<void> check_identity() override;

 private:
  MmcTransport(Syscalls& syscalls, std::filesystem::path sysfs, DeviceNode node, ChipFacts facts, ChipLock lock);

  Syscalls& syscalls_;
  std::filesystem::path sysfs_;
  DeviceNode node_;
  ChipFacts facts_;
  ChipLock lock_;
};

}  // namespace signet::rpmb
