// Carries frames to an RPMB partition and back. Knows nothing of keys, MACs or counters.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "rpmb/frame.h"

namespace signet::rpmb {

enum class Kind : std::uint8_t { mmc, ufs, emulator };
const char* name(Kind kind);  // "mmc"

using Cid = std::array<std::uint8_t, 16>;

// The most frames in one read operation: Linux caps one ioctl command at 512 KiB (linux/mmc/ioctl.h).
inline constexpr std::size_t kMaxReadFrames = 1024;

// What is known of a chip before a frame is sent. Nothing here is authenticated.
struct ChipFacts {
  Kind kind = Kind::emulator;
  std::string node;                // path of the device node or of the chip file
  Cid cid{};                       // raw octets of the CID register; on UFS 16 octets made of the device's ids
  bool cid_from_hardware = false;  // false: told by the configuration, so the chip counts as emulated in evidence
  std::uint32_t blocks = 0;        // size of the partition in 256-octet blocks, at most 65536
  std::uint16_t write_frames = 1;  // the most frames that one write request may carry, as announced: believe it not
  // The most frames that one read may ask for; UFS devices set it, often to 32.
  std::uint16_t read_frames = kMaxReadFrames;
};

class Transport {
 public:
  virtual ~Transport() = default;

  virtual const ChipFacts& facts() const = 0;

  // What to put into the block count of a 0x0004 request: eMMC 0 (CMD23 of the read says it), UFS and NVMe the number.
  virtual bool read_request_carries_count() const = 0;

  // Program operation (requests 0x0001, 0x0003, 0x0006): sends `request` as one transfer with the reliable-write bit,
  // then a result request, then fills `response`. One exclusive sequence on the device; blocks for as long as the chip
  // takes. Errors: io, timeout: the request may or may not have taken effect, or may yet; `response` is not meaningful.
  //         no_chip: the node is gone; no_space (emulator): the host's file system is full, nothing was changed.
  virtual Result<void> program(std::span<const Frame> request, Frame& response) = 0;

  // Read operation (requests 0x0002, 0x0004, 0x0007): sends `request`, then fills every frame of `response`.
  // Errors: as program(); nothing on the chip changes in any case.
  virtual Result<void> read(const Frame& request, std::span<Frame> response) = 0;

  // Whether the chip behind the node is still the one of facts(). Errors: chip_changed, no_chip. Sends no frame.
  virtual Result<void> check_identity() = 0;
};

}  // namespace signet::rpmb
