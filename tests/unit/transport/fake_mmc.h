// The kernel's RPMB device of an eMMC, with a chip behind it: takes MMC_IOC_MULTI_CMD apart as the driver does.
#pragma once

#include <linux/mmc/ioctl.h>
#include <sys/ioctl.h>

#include <cstring>

#include "fake_devices.h"
#include "rpmb/testing/chip_port.h"

namespace signet::rpmb {

class FakeMmc final : public FakeDevices {
 public:
  explicit FakeMmc(ChipModel& chip) : port_{chip} {}

  // The next ioctl fails with `error` after `executed` of its commands were carried out.
  void fail_next(int error, std::size_t executed = 0) {
    error_ = error;
    executed_ = executed;
  }

  int ioctl(int, unsigned long request, void* argument) override {
    if (request != MMC_IOC_MULTI_CMD) return -EINVAL;
    std::uint64_t count = 0;
    std::memcpy(&count, argument, sizeof count);
    if (count > MMC_IOC_MAX_CMDS) return -EINVAL;
    if (count == 0) return 0;
    std::vector<mmc_ioc_cmd> list(count);
    std::memcpy(list.data(), static_cast<char*>(argument) + sizeof count, count * sizeof(mmc_ioc_cmd));
    lists.push_back(list);

    const int error = std::exchange(error_, 0);
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (error != 0 && i == executed_) {
        scribble(list);
        return -error;
      }
      if (list[i].blksz * list[i].blocks > MMC_IOC_MAX_BYTES) return -EOVERFLOW;
      if (const int failed = execute(list[i]); failed != 0) return failed;
    }
    return error == 0 ? 0 : -error;
  }

  std::vector<std::vector<mmc_ioc_cmd>> lists;  // of every ioctl that had commands

 private:
  static Frame* frames(const mmc_ioc_cmd& command) {
    return reinterpret_cast<Frame*>(static_cast<std::uintptr_t>(command.data_ptr));
  }

  int execute(const mmc_ioc_cmd& command) {
    const auto flags = static_cast<unsigned>(command.write_flag);
    const std::span data{frames(command), command.blocks};
    if (command.opcode == 25 && !port_.write(data, (flags & (1U << 31)) != 0)) return -EIO;
    if (command.opcode == 18) port_.read(data);
    return 0;
  }

  // The kernel copies read buffers back even when a command failed.
  static void scribble(const std::vector<mmc_ioc_cmd>& list) {
    for (const auto& command : list) {
      if (command.opcode == 18) std::memset(frames(command), 0x5a, command.blocks * kFrameSize);
    }
  }

  testing::ChipPort port_;
  int error_ = 0;
  std::size_t executed_ = 0;
};

}  // namespace signet::rpmb
