// The SCSI generic node of a UFS device's RPMB unit, with a chip behind it.
#pragma once

#include <scsi/sg.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <optional>

#include "base/endian.h"

#include "fake_devices.h"
#include "rpmb/testing/chip_port.h"

namespace signet::rpmb {

class FakeUfsUnit final : public FakeDevices {
 public:
  explicit FakeUfsUnit(ChipModel& chip) : port_{chip} {}

  // What becomes of one command instead of being carried out.
  struct Trouble {
    int error = 0;             // of the ioctl
    unsigned char status = 0;  // SCSI status
    std::vector<std::uint8_t> sense;
    unsigned short host_status = 0;
    unsigned short driver_status = 0;
    int resid = 0;
  };
  static Trouble unit_attention() { return {.status = 2, .sense = {0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 0}}; }
  // The `number`-th SECURITY PROTOCOL command from now on, 1 is the next.
  void trouble(std::size_t number, const Trouble& what) { troubles_.push_back({commands.size() + number, what}); }

  void set_version(int version) { version_ = version; }
  void set_peripheral_type(std::uint8_t type) { peripheral_type_ = type; }

  int ioctl(int, unsigned long request, void* argument) override {
    if (request == SG_GET_VERSION_NUM) return *static_cast<int*>(argument) = version_, 0;
    if (request != SG_IO) return -ENOTTY;
    auto& io = *static_cast<sg_io_hdr*>(argument);
    if (io.interface_id != 'S') return -ENOSYS;
    if (io.cmdp[0] == 0x12) return answer_inquiry(io);

    commands.push_back({{io.cmdp, io.cmdp + io.cmd_len}, io.dxfer_direction, io.timeout});
    for (const auto& [number, what] : troubles_) {
      if (number == commands.size()) return report(io, what);
    }
    const std::span frames{static_cast<Frame*>(io.dxferp), io.dxfer_len / kFrameSize};
    if (io.cmdp[0] == 0xb5 && !port_.write(frames, true)) return -EIO;
    if (io.cmdp[0] == 0xa2) port_.read(frames);
    return 0;
  }

  struct Seen {
    Bytes command;
    int direction;
    unsigned timeout_ms;
  };
  std::vector<Seen> commands;  // SECURITY PROTOCOL only

  [[nodiscard]] std::vector<int> operations() const {
    std::vector<int> list;
    for (const auto& seen : commands) list.push_back(seen.command[0]);
    return list;
  }

 private:
  int answer_inquiry(sg_io_hdr& io) const {
    std::memset(io.dxferp, 0, io.dxfer_len);
    static_cast<std::uint8_t*>(io.dxferp)[0] = peripheral_type_;
    return 0;
  }

  static int report(sg_io_hdr& io, const Trouble& what) {
    io.status = what.status;
    io.host_status = what.host_status;
    io.driver_status = what.driver_status;
    io.resid = what.resid;
    io.sb_len_wr = static_cast<unsigned char>(what.sense.size());
    std::ranges::copy(what.sense, io.sbp);
    if (io.dxfer_direction == SG_DXFER_FROM_DEV) std::memset(io.dxferp, 0x5a, io.dxfer_len);
    return -what.error;
  }

  testing::ChipPort port_;
  int version_ = 40000;
  std::uint8_t peripheral_type_ = 0x1e;
  std::vector<std::pair<std::size_t, Trouble>> troubles_;
};

}  // namespace signet::rpmb
