#include "rpmb/transport/ufs/scsi_generic.h"

#include <fcntl.h>
#include <scsi/sg.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/hex.h"

namespace signet::rpmb {
namespace {

constexpr int kInterfaceVersion = 30000;  // SG_IO came with version 3
constexpr unsigned kTimeoutMs = 10'000;

constexpr std::uint8_t kGood = 0x00;
constexpr std::uint8_t kCheckCondition = 0x02;

// Host and driver codes of the kernel (scsi/scsi_status.h), which is not for user space.
constexpr unsigned kHostNoConnection = 1;
constexpr unsigned kHostBadTarget = 4;
constexpr unsigned kHostTimeout = 3;
constexpr unsigned kDriverTimeout = 6;

// What the layers below the command say; good when none of them complains.
Result<void> check_delivery(const sg_io_hdr& io, const std::string& what) {
  const unsigned driver = io.driver_status & 0x0f;
  if (io.host_status == kHostNoConnection || io.host_status == kHostBadTarget) {
    return fail(Errc::no_chip, what + ": the device is gone");
  }
  if (io.host_status == kHostTimeout || driver == kDriverTimeout)
    return fail(Errc::timeout, what + ": no answer in time");
  if (io.host_status != 0) return fail(Errc::io, what + ": host status " + std::to_string(io.host_status));
  return {};
}

}  // namespace

Result<ScsiGeneric> ScsiGeneric::open(Syscalls& syscalls, const std::filesystem::path& path) {
  // O_RDWR: opened for reading only, the driver would filter commands, and SECURITY PROTOCOL is not on its list.
  // O_NONBLOCK makes an exclusive owner an EBUSY instead of an endless wait; SG_IO itself blocks all the same.
  SIGNET_ASSIGN(auto node, open_node(syscalls, path, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  int version = 0;
  const int outcome = syscalls.ioctl(node.fd.get(), SG_GET_VERSION_NUM, &version);
  if (outcome < 0) return fail(Errc::not_rpmb, path.string() + " is a device, but not a SCSI generic one");
  if (version < kInterfaceVersion) {
    return fail(Errc::not_rpmb, path.string() + " speaks version " + std::to_string(version) +
                                    " of the SCSI generic interface, " + std::to_string(kInterfaceVersion) +
                                    " is needed");
  }
  return ScsiGeneric{syscalls, std::move(node)};
}

Result<ScsiGeneric::Outcome> ScsiGeneric::send(const scsi::Command& command, std::span<const std::uint8_t> data) {
  return transfer(SG_DXFER_TO_DEV, command, const_cast<std::uint8_t*>(data.data()), data.size());
}

Result<ScsiGeneric::Outcome> ScsiGeneric::receive(const scsi::Command& command, std::span<std::uint8_t> data) {
  return transfer(SG_DXFER_FROM_DEV, command, data.data(), data.size());
}

Result<ScsiGeneric::Outcome> ScsiGeneric::transfer(int direction, scsi::Command command, void* data, std::size_t size) {
  const auto what = "SCSI command " + to_hex({command.data(), 1}) + " on " + node_.path.string();
  std::array<std::uint8_t, 96> sense{};
  sg_io_hdr io{};
  io.interface_id = 'S';
  io.dxfer_direction = direction;
  // The group code in the top bits of the operation says how long the command is: group 0 is 6 octets.
  io.cmd_len = command[0] < 0x20 ? 6 : static_cast<unsigned char>(command.size());
  io.cmdp = command.data();
  io.mx_sb_len = sense.size();
  io.sbp = sense.data();
  io.dxferp = data;
  io.dxfer_len = static_cast<unsigned>(size);
  io.timeout = kTimeoutMs;

  if (const int outcome = syscalls_->ioctl(node_.fd.get(), SG_IO, &io); outcome < 0) {
    return fail(transfer_error(-outcome, what));
  }
  SIGNET_TRY(check_delivery(io, what));
  if (io.status == kCheckCondition) {
    const auto found = scsi::parse_sense({sense.data(), std::min<std::size_t>(io.sb_len_wr, sense.size())});
    if (found && found->key == scsi::kUnitAttention) return Outcome::unit_attention;
    return fail(Errc::io, what + ": " + (found ? to_string(*found) : "check condition without sense data"));
  }
  if (io.status != kGood) return fail(Errc::io, what + ": status " + to_hex({&io.status, 1}));
  if (io.resid != 0) return fail(Errc::io, what + ": " + std::to_string(io.resid) + " octets were not transferred");
  return Outcome::done;
}

}  // namespace signet::rpmb
