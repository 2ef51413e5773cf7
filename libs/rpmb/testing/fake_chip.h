// A chip in memory behind the Transport interface, for tests: faithful (ChipModel), fast, and as unreliable as told.
#pragma once

#include <cstdint>
#include <span>

#include "rpmb/transport.h"
#include "rpmb/transport/emulator/chip_model.h"
#include "rpmb/transport/emulator/faulty_bus.h"

namespace signet::rpmb::testing {

class FakeChip final : public Transport {
 public:
  // A new chip without a key. `units` of 128 KiB; `write_frames` 1, 2 or 32.
  explicit FakeChip(std::uint32_t units = 1, std::uint16_t write_frames = 2);
  explicit FakeChip(ChipState state);

  const ChipFacts& facts() const override { return facts_; }
  bool read_request_carries_count() const override { return false; }
  Result<void> program(std::span<const Frame> request, Frame& response) override;
  Result<void> read(const Frame& request, std::span<Frame> response) override;
  Result<void> check_identity() override;

  // The state of the chip, which restore() brings back: key, counter, configuration and blocks. Power was off in
  // between; requests that are held stay held, counts and plan stay as they are.
  [[nodiscard]] ChipState snapshot() const { return chip_.state(); }
  void restore(ChipState state) { chip_.restore(std::move(state)); }
  void program_key(const ChipKey& key);
  void power_cycle() { chip_.power_cycle(); }

  ChipModel& chip() { return chip_; }
  FaultyBus& bus() { return bus_; }
  FaultPlan& plan() { return bus_.plan(); }
  ChipFacts& mutable_facts() { return facts_; }

  // The very next operation of that kind meets `fault`.
  void next(Which which, const Fault& fault) { plan().add(which, bus_.numbers()[which] + 1, fault); }

  // While set, every operation fails with it and the chip is not reached: no_chip, chip_changed, io ...
  void set_absent(std::optional<Errc> error) { absent_ = error; }

  struct Counts {
    std::uint64_t writes = 0;  // program operations that reached the bus, held and dropped ones included
    std::uint64_t reads = 0;
    std::uint64_t frames_written = 0;  // frames of program requests
    std::uint64_t frames_read = 0;     // frames of read answers
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }
  void reset_counts() { counts_ = {}; }

 private:
  ChipFacts facts_;
  ChipModel chip_;
  FaultyBus bus_{chip_};
  Counts counts_;
  std::optional<Errc> absent_;
};

}  // namespace signet::rpmb::testing
