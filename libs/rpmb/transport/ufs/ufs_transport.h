// RPMB of a UFS device: SECURITY PROTOCOL OUT and IN to its well-known RPMB unit, through SG_IO.
//
// The kernel does not hold the unit between the commands of one operation, so nobody else may use it: the chip lock
// keeps a second rpmbd away, permissions of the node everybody else.
#pragma once

#include <memory>

#include "rpmb/transport.h"
#include "rpmb/transport/node/chip_lock.h"
#include "rpmb/transport/node/options.h"
#include "rpmb/transport/ufs/scsi_generic.h"

namespace signet::rpmb {

class UfsTransport final : public Transport {
 public:
  // Opens options.node, or the node that sysfs leads to, asks what it is (INQUIRY) and takes the chip's lock. No frame
  // is sent. Errors: those of ufs::find_node, ScsiGeneric::open, ufs::read_facts and ChipLock::acquire; not_rpmb:
  // another kind of unit.
  static Result<std::unique_ptr<UfsTransport>> open(const NodeOptions& options, Syscalls& syscalls = kernel());

  const ChipFacts& facts() const override { return facts_; }
  bool read_request_carries_count() const override { return true; }
  Result<void> program(std::span<const Frame> request, Frame& response) override;
  Result<void> read(const Frame& request, std::span<Frame> response) override;
  Result<void> check_identity() override;

 private:
  UfsTransport(Syscalls& syscalls, std::filesystem::path sysfs, ScsiGeneric unit, ChipFacts facts, ChipLock lock);

  Result<void> send_first(std::span<const Frame> frames);
  Result<void> send_next(std::span<const Frame> frames);
  Result<void> receive(std::span<Frame> frames);

  Syscalls& syscalls_;
  std::filesystem::path sysfs_;
  ScsiGeneric unit_;
  ChipFacts facts_;
  ChipLock lock_;
};

}  // namespace signet::rpmb
