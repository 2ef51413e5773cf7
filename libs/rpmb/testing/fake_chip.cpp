#include "rpmb/testing/fake_chip.h"

namespace signet::rpmb::testing {
namespace {

// Of the real form, so that code that masks or prints a CID sees nothing unusual.
constexpr Cid kCid = {0xee, 0x00, 0x53, 'F', 'A', 'K', 'E', 'R', 'P', 0x10, 0x01, 0x23, 0x45, 0x67, 0x1a, 0x01};

}  // namespace

FakeChip::FakeChip(std::uint32_t units, std::uint16_t write_frames) : FakeChip{blank_chip(units, write_frames)} {}

FakeChip::FakeChip(ChipState state) : chip_{std::move(state)} {
  facts_.kind = Kind::emulator;
  facts_.node = "fake chip";
  facts_.cid = kCid;
  facts_.blocks = chip_.blocks();
  facts_.write_frames = chip_.state().write_frames;
}

Result<void> FakeChip::program(std::span<const Frame> request, Frame& response) {
  if (absent_) return fail(*absent_, "write operation on the fake chip");
  ++counts_.writes;
  counts_.frames_written += request.size();
  return bus_.program(request, response);
}

Result<void> FakeChip::read(const Frame& request, std::span<Frame> response) {
  if (absent_) return fail(*absent_, "read operation on the fake chip");
  ++counts_.reads;
  counts_.frames_read += response.size();
  return bus_.read(request, response);
}

Result<void> FakeChip::check_identity() {
  if (absent_) return fail(*absent_, "identity of the fake chip");
  return {};
}

void FakeChip::program_key(const ChipKey& key) {
  ChipState state = snapshot();
  state.registers.key = key;
  restore(std::move(state));
}

}  // namespace signet::rpmb::testing
