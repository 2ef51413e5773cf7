// A card, as the programs in this folder pass frames to it: in the same process, or at the other end of a byte stream.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "rpmb/testing/chip_port.h"
#include "rpmb/transport/emulator/chip_file.h"

namespace signet::cards {

class Card {
 public:
  virtual ~Card() = default;
  // As ChipPort: one transfer each. Errors: io; whether the transfer took effect is not known then.
  virtual Result<void> write(std::span<const rpmb::Frame> frames, bool reliable) = 0;
  virtual Result<void> read(std::span<rpmb::Frame> frames) = 0;
};

// A chip in a file, which survives the death of this process at any moment.
class FileCard final : public Card {
 public:
  // Makes the file when there is none: `octets` of RPMB, writes of up to `write_frames` frames.
  static Result<std::unique_ptr<FileCard>> open(const std::string& path, std::uint32_t octets,
                                                std::uint16_t write_frames);

  Result<void> write(std::span<const rpmb::Frame> frames, bool reliable) override {
    return port_.write(frames, reliable);
  }
  Result<void> read(std::span<rpmb::Frame> frames) override {
    port_.read(frames);
    return {};
  }

  rpmb::testing::ChipPort& port() { return port_; }
  [[nodiscard]] const rpmb::ChipModel& chip() const { return chip_; }
  [[nodiscard]] const rpmb::Cid& cid() const { return file_->cid(); }

 private:
  FileCard(std::unique_ptr<rpmb::ChipFile> file, rpmb::ChipState state)
      : file_{std::move(file)}, chip_{std::move(state)} {}

  std::unique_ptr<rpmb::ChipFile> file_;
  rpmb::ChipModel chip_;
  rpmb::testing::ChipPort port_{chip_, file_.get()};
};

}  // namespace signet::cards
