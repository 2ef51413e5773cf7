#include "rpmb/transport/mmc/mmc_transport.h"

#include <fcntl.h>
#include <linux/mmc/ioctl.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <string>

#include "rpmb/transport/mmc/discovery.h"
#include "rpmb/transport/node/identity.h"

namespace signet::rpmb {
namespace {

constexpr unsigned kReadMultipleBlock = 18;   // CMD18
constexpr unsigned kWriteMultipleBlock = 25;  // CMD25

// linux/mmc/core.h, which is not for user space: what to expect after a data command.
constexpr unsigned kResponseR1 = 1U << 0 | 1U << 2 | 1U << 4;  // present, with CRC, repeats the opcode
constexpr unsigned kSpiResponseR1 = 1U << 7;
constexpr unsigned kAddressedDataTransfer = 1U << 5;

constexpr unsigned kWrite = 1;
constexpr unsigned kReliable = 1U << 31;

mmc_ioc_cmd command(unsigned opcode, unsigned write_flag, const void* data, std::size_t frames) {
  mmc_ioc_cmd command{};  // times of 0 are the kernel's own
  command.opcode = opcode;
  command.write_flag = static_cast<int>(write_flag);
  command.flags = kResponseR1 | kSpiResponseR1 | kAddressedDataTransfer;
  command.blksz = kFrameSize;
  command.blocks = static_cast<unsigned>(frames);
  command.data_ptr = reinterpret_cast<std::uintptr_t>(data);
  return command;
}

mmc_ioc_cmd send(std::span<const Frame> frames, unsigned reliable = 0) {
  return command(kWriteMultipleBlock, kWrite | reliable, frames.data(), frames.size());
}

mmc_ioc_cmd receive(std::span<Frame> frames) { return command(kReadMultipleBlock, 0, frames.data(), frames.size()); }

// struct mmc_ioc_multi_cmd with its flexible array filled in.
template <std::size_t Count>
struct MultiCommand {
  std::uint64_t count = Count;
  std::array<mmc_ioc_cmd, Count> commands;
};
static_assert(offsetof(MultiCommand<3>, commands) == sizeof(mmc_ioc_multi_cmd));
static_assert(sizeof(MultiCommand<3>) == sizeof(mmc_ioc_multi_cmd) + 3 * sizeof(mmc_ioc_cmd));

Result<void> check_frames(const char* what, std::size_t frames) {
  if (frames >= 1 && frames <= kMaxReadFrames) return {};
  return fail(Errc::invalid_argument, std::string{what} + " of " + std::to_string(frames) + " frames");
}

// An empty list of commands: the RPMB device accepts it without a word to the chip, any other device does not know the
// request.
Result<void> require_mmc_ioctl(Syscalls& syscalls, const DeviceNode& node) {
  std::uint64_t no_commands = 0;  // num_of_cmds, and nothing after it
  const int outcome = syscalls.ioctl(node.fd.get(), MMC_IOC_MULTI_CMD, &no_commands);
  if (outcome >= 0) return {};
  if (outcome == -ENOTTY || outcome == -EINVAL) {
    return fail(
        Errc::not_rpmb,
        node.path.string() + " is a device, but not the RPMB node of an eMMC (it does not know MMC_IOC_MULTI_CMD)");
  }
  return fail(transfer_error(-outcome, "first look at " + node.path.string()));
}

}  // namespace

MmcTransport::MmcTransport(Syscalls& syscalls, std::filesystem::path sysfs, DeviceNode node, ChipFacts facts,
                           ChipLock lock)
    : syscalls_{syscalls},
      sysfs_{std::move(sysfs)},
      node_{std::move(node)},
      facts_{std::move(facts)},
      lock_{std::move(lock)} {}

Result<std::unique_ptr<MmcTransport>> MmcTransport::open(const NodeOptions& options, Syscalls& syscalls) {
  auto path = options.node;
  if (path.empty()) {
    SIGNET_ASSIGN(path, mmc::find_node(options));
  }
  SIGNET_ASSIGN(auto node, open_node(syscalls, path, O_RDWR | O_CLOEXEC));
  SIGNET_TRY(require_mmc_ioctl(syscalls, node));
  SIGNET_ASSIGN(auto facts, mmc::read_facts(options, path, node.number));
  SIGNET_ASSIGN(auto lock, ChipLock::acquire(options.lock_directory, facts.cid));
  return std::unique_ptr<MmcTransport>{
      new MmcTransport{syscalls, options.sysfs, std::move(node), std::move(facts), std::move(lock)}};
}

Result<void> MmcTransport::program(std::span<const Frame> request, Frame& response) {
  SIGNET_TRY(check_frames("write", request.size()));
  const std::array<Frame, 1> ask_result{result_request()};
  MultiCommand<3> list{.commands = {send(request, kReliable), send(ask_result), receive({&response, 1})}};
  if (const int outcome = syscalls_.ioctl(node_.fd.get(), MMC_IOC_MULTI_CMD, &list); outcome < 0) {
    response.fill(0);  // the kernel copies back what it has even when a command failed
    return fail(transfer_error(-outcome, "write of " + std::to_string(request.size()) + " frames to " + facts_.node));
  }
  return {};
}

Result<void> MmcTransport::read(const Frame& request, std::span<Frame> response) {
  SIGNET_TRY(check_frames("read", response.size()));
  MultiCommand<2> list{.commands = {send({&request, 1}), receive(response)}};
  if (const int outcome = syscalls_.ioctl(node_.fd.get(), MMC_IOC_MULTI_CMD, &list); outcome < 0) {
    std::ranges::fill(response, Frame{});  // as above
    return fail(transfer_error(-outcome, "read of " + std::to_string(response.size()) + " frames from " + facts_.node));
  }
  return {};
}

Result<void> MmcTransport::check_identity() {
  return check_same_chip(syscalls_, node_, facts_, [this](dev_t number) { return mmc::read_cid(sysfs_, number); });
}

}  // namespace signet::rpmb
