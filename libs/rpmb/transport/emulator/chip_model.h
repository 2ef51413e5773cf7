// An RPMB partition in memory: what the chip does with a frame, and nothing around it. No I/O, no time, no threads.
//
// Follows JESD84-B51 6.6.22: frames, requests, results, counter, reliable writes. Where the standard leaves a choice,
// the choice is the one that tests/vectors/rpmb.json fixes: a request is checked for a key, its shape, an expired
// counter, its address, its MAC and its counter, in this order, and the first fault is the answer.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "crypto/hmac.h"
#include "rpmb/frame.h"

namespace signet::rpmb {

// An emulated chip protects nothing: whoever can read its memory or its file has the key. So no SecretBytes here.
using ChipKey = std::array<std::uint8_t, kKeySize>;

enum class Dialect : std::uint8_t {
  standard,
  qemu,  // as QEMU's eMMC: a refused frame count is authentication_failure, a second key write_failure, 0x0100 has a
         // MAC
};

// Everything the chip keeps but the blocks.
struct ChipRegisters {
  std::optional<ChipKey> key;
  std::uint32_t write_counter = 0;
  std::uint8_t secure_wp_enable = 0;  // SECURE_WP_MODE_ENABLE, register 1 of the configuration block
  std::uint8_t secure_wp_config = 0;  // SECURE_WP_MODE_CONFIG, register 2
  bool operator==(const ChipRegisters&) const = default;
};

struct ChipState {
  std::uint16_t write_frames = 2;  // 1, 2 or 32: the most frames of a write; 1, 2 and 32 are the only numbers there are
  Dialect dialect = Dialect::standard;
  ChipRegisters registers;
  std::vector<Block> memory;  // as many blocks as the partition has
};

inline constexpr std::uint32_t kMaxUnits = 128;  // addresses have 16 bits: 128 units of 512 blocks

// A chip as it leaves the factory: no key, counter 0, zeroed. `units` of 128 KiB, 1..kMaxUnits.
ChipState blank_chip(std::uint32_t units, std::uint16_t write_frames);

// What a program request does to the chip, for whoever keeps the chip in a file.
struct ChipChange {
  ChipRegisters registers;    // all of them, as they are afterwards
  std::uint16_t address = 0;  // of the first of `blocks`
  std::vector<Block> blocks;  // new contents; empty when only registers change
};

class ChipModel {
 public:
  explicit ChipModel(ChipState state);

  [[nodiscard]] const ChipState& state() const { return state_; }
  [[nodiscard]] std::uint32_t blocks() const { return static_cast<std::uint32_t>(state_.memory.size()); }
  [[nodiscard]] const std::optional<crypto::HmacKey>& key() const { return key_; }

  // Puts the chip into another state, as if it had just been switched on.
  void restore(ChipState state);
  void set_write_counter(std::uint32_t value) { state_.registers.write_counter = value; }

  // What the chip would do with a program request (types 0x0001, 0x0003, 0x0006; any other is a general failure).
  // `reliable_write`: bit 31 of CMD23. Changes nothing, so that the change can be made durable before commit().
  struct Decision {
    Frame answer;                      // for the result register
    std::optional<ChipChange> change;  // nothing when the request is refused
  };
  [[nodiscard]] Decision decide(std::span<const Frame> request, bool reliable_write) const;
  void commit(Decision decision);
  void program(std::span<const Frame> request, bool reliable_write) { commit(decide(request, reliable_write)); }

  // An answer to a program request that refuses it with `code`, authenticated when the chip has a key.
  [[nodiscard]] Frame refuse(const Frame& request, ResultCode code) const;

  // Result request (type 0x0005): the answer to the last program request. It is there once: with nothing pending the
  // answer has type 0 and result general_failure.
  Frame take_result();

  // Read request (types 0x0002, 0x0004, 0x0007; any other is a general failure). `response` is not empty; its size is
  // the number of frames that the host fetches. Drops a pending result: another request came in between.
  void read(const Frame& request, std::span<Frame> response);

  // Power off and on: registers and blocks stay, a pending result is gone.
  void power_cycle() { result_.reset(); }

 private:
  [[nodiscard]] bool expired() const { return state_.registers.write_counter == 0xffff'ffff; }
  [[nodiscard]] bool in_range(std::uint16_t address, std::size_t count) const { return address + count <= blocks(); }
  [[nodiscard]] std::uint16_t result_field(ResultCode code) const;

  [[nodiscard]] Decision decide_key(std::span<const Frame> request, bool reliable_write) const;
  [[nodiscard]] Decision decide_write(std::span<const Frame> request, bool reliable_write) const;
  [[nodiscard]] ResultCode check_write(std::span<const Frame> request, bool reliable_write) const;
  [[nodiscard]] ResultCode check_shape(std::span<const Frame> request, bool reliable_write) const;
  [[nodiscard]] ChipChange change_by(std::span<const Frame> request) const;
  [[nodiscard]] Frame program_answer(const Frame& request, ResultCode code, const ChipRegisters& after) const;

  ResultCode fill_data(const Frame& request, std::span<Fields> answer) const;
  ResultCode fill_config(std::span<Fields> answer) const;
  ResultCode fill_counter(std::span<Fields> answer) const;

  ChipState state_;
  std::optional<crypto::HmacKey> key_;  // state_.registers.key, ready for use
  std::optional<Frame> result_;         // the result register
};

}  // namespace signet::rpmb
