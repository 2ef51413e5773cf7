// The emulated chip as rpmbd sees it: a chip file behind the Transport interface, with faults on demand.
#pragma once

#include <sys/stat.h>

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "rpmb/transport.h"
#include "rpmb/transport/emulator/chip_file.h"
#include "rpmb/transport/emulator/faulty_bus.h"

namespace signet::rpmb {

struct EmulatorOptions {
  std::string file;  // made when it is missing
  // Of a new chip: 1 MiB and 2 frames when not given. An existing one must agree with what is given, else geometry.
  std::optional<std::uint32_t> size;  // octets: a multiple of 131072, at most 16777216
  std::optional<std::uint16_t> write_frames;
  Dialect dialect = Dialect::standard;  // of a new chip
  std::string faults;                   // path of a fault file (see parse_faults); empty: none
};

// Errors: those of create_chip_file() and ChipFile::open(); config_invalid: the fault file, with its line.
Result<std::unique_ptr<Transport>> open_emulator(const EmulatorOptions& options);

// A fault file, read again whenever it changes. A missing one is an empty one. Replace it by rename(2): half a file is
// an error.
class FaultFile {
 public:
  explicit FaultFile(std::string path) : path_{std::move(path)} {}

  // Brings `plan` up to date; numbers with a plus sign count from `now`. Errors: config_invalid (the plan stays), io.
  Result<void> refresh(FaultPlan& plan, const OperationNumbers& now);

 private:
  // Which file it was, and which state of it.
  struct Version {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    timespec changed{};
    bool operator==(const Version& other) const {
      return device == other.device && inode == other.inode && size == other.size &&
             changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec;
    }
  };

  std::string path_;
  Version version_;
};

class EmulatorTransport final : public Transport {
 public:
  static Result<std::unique_ptr<EmulatorTransport>> open(const EmulatorOptions& options);

  const ChipFacts& facts() const override { return facts_; }
  bool read_request_carries_count() const override { return false; }
  Result<void> program(std::span<const Frame> request, Frame& response) override;
  Result<void> read(const Frame& request, std::span<Frame> response) override;
  Result<void> check_identity() override { return file_->check_identity(); }

  FaultyBus& bus() { return bus_; }

 private:
  EmulatorTransport(std::unique_ptr<ChipFile> file, ChipState state, const EmulatorOptions& options);
  Result<void> refresh_faults();

  std::unique_ptr<ChipFile> file_;
  ChipFacts facts_;
  ChipModel chip_;
  FaultyBus bus_;
  std::optional<FaultFile> faults_;
};

}  // namespace signet::rpmb
