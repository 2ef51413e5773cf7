// An emulated chip in a file that survives SIGKILL and a power cut at any moment: a change is there as a whole or not
// at all. The file can never pass for hardware: it says what it is in its first line, and so does the CID in it.
//
// Format 1. Integers are big-endian.
//
//   offset  size   what
//   0       4096   header, never written again:
//                    0  16  "SIGNET-EMU-RPMB\n"
//                   16   4  format, 1
//                   20   4  blocks, a multiple of 512 (128 KiB), at most 65536
//                   24   2  frames of the largest write: 1, 2 or 32
//                   26   2  dialect: 0 standard, 1 QEMU's
//                   28  16  CID: manufacturer 0xee, name "SIGEMU", a random serial number
//                   64   -  a sentence for people, zeros
//                 4064  32  SHA-256 of the octets before
//   4096    12288  journal slot 0
//   16384   12288  journal slot 1
//   28672   n*256  blocks
//
// A journal record says what the registers are after a change and which blocks it writes:
//
//    0  8  sequence number: 0 at creation; record n lies in slot n % 2
//    8  4  write counter
//   12  1  1 when there is a key
//   13  1  SECURE_WP_MODE_ENABLE
//   14  1  SECURE_WP_MODE_CONFIG
//   15  1  0
//   16 32  key
//   48  2  address of the first block
//   50  2  number of blocks n, 0..32
//   52  n * 256  the blocks
//   ..  32 SHA-256 of the record so far, preceded by the CID
//
// A change is (1) written to its slot, (2) synced, (3) written in place. The sync of the next record also makes (3)
// durable, and only the record after that overwrites the slot; so at most the blocks of the last two records can be
// torn, and opening writes them again, in order. The registers are those of the last whole record.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "crypto/random.h"
#include "rpmb/transport.h"
#include "rpmb/transport/emulator/chip_model.h"
#include "rpmb/transport/emulator/faulty_bus.h"

namespace signet::rpmb {

// What a chip file is made for.
struct ChipFileSpec {
  std::uint32_t blocks = 0;
  std::uint16_t write_frames = 2;
  Dialect dialect = Dialect::standard;
};

// Whether a CID is one that create_chip_file() made up: for those who must not take it for hardware.
bool is_emulated(const Cid& cid);

// Makes a new chip with a random serial number; its whole space is allocated, so a full disk shows now and not later.
// Never overwrites: a file that is already there is left alone, which is no error.
// Errors: no_space; chip_permission; no_chip (the directory is missing); geometry (`spec`); io. None leaves anything
// behind.
Result<void> create_chip_file(const std::string& path, const ChipFileSpec& spec, crypto::Random& random);

class ChipFile final : public ChangeJournal {
 public:
  // Opens and locks a chip file, and finishes what a crash interrupted. The lock ends with the object or the process.
  // Errors: no_chip: there is no such file; chip_permission; busy: another process has it open; not_rpmb: not a chip
  // file, or a damaged one; geometry: truncated or longer than it says; unsupported_format; no_space; io.
  static Result<std::unique_ptr<ChipFile>> open(const std::string& path);

  [[nodiscard]] const Cid& cid() const { return cid_; }
  [[nodiscard]] const ChipFileSpec& spec() const { return spec_; }

  // The whole chip. Errors: io.
  [[nodiscard]] Result<ChipState> load() const;

  Result<void> keep(const ChipChange& change, std::optional<CrashPoint> crash) override;

  // Whether the path still leads to this file. Errors: chip_changed, no_chip.
  [[nodiscard]] Result<void> check_identity() const;

 private:
  ChipFile(UniqueFd fd, std::string path) : fd_{std::move(fd)}, path_{std::move(path)} {}

  Result<void> lock();
  Result<void> read_header();
  Result<void> recover();
  Result<void> write_record(const Bytes& record, std::uint64_t offset, std::optional<CrashPoint> crash);
  Result<void> apply(const ChipChange& change) const;

  UniqueFd fd_;
  std::string path_;
  Cid cid_{};
  ChipFileSpec spec_;
  std::uint64_t sequence_ = 0;  // of the last record
  ChipChange last_;             // what it says
  bool apply_again_ = false;    // the blocks of last_ may not be in place
};

}  // namespace signet::rpmb
