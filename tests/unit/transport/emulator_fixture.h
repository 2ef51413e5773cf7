// What the tests of the emulated chip share: a key, requests, blocks that can be told apart, a directory of their own.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "rpmb/response.h"
#include "rpmb/transport/emulator/chip_model.h"

namespace signet::rpmb::testing {

inline constexpr ChipKey kEmulatorKey = {'e', 'm', 'u', 'l', 'a', 't', 'e', 'd'};
inline constexpr Nonce kEmulatorNonce = {1, 2, 3, 4};

inline const crypto::HmacKey& emulator_key() {
  static const crypto::HmacKey key{kEmulatorKey};
  return key;
}

// `count` blocks whose octets all depend on `seed` and on their place.
inline std::vector<Block> pattern(std::uint32_t seed, std::size_t count = 1) {
  std::vector<Block> blocks(count);
  std::uint32_t state = seed * 2654435761u + 1;
  for (Block& block : blocks) {
    for (std::uint8_t& octet : block) {
      state = state * 1664525u + 1013904223u;
      octet = static_cast<std::uint8_t>(state >> 24);
    }
  }
  return blocks;
}

inline std::vector<Frame> signed_write(std::uint32_t counter, std::uint16_t address, const std::vector<Block>& blocks) {
  std::vector<Frame> frames = write_request(counter, address, blocks);
  authenticate(emulator_key(), frames);
  return frames;
}

inline ChipState keyed_chip(std::uint32_t units = 1, std::uint16_t write_frames = 2) {
  ChipState state = blank_chip(units, write_frames);
  state.registers.key = kEmulatorKey;
  return state;
}

inline bool authentic(const Frame& frame) {
  return crypto::equal_constant_time(transfer_mac(emulator_key(), std::span{&frame, 1}), key_mac(frame));
}

inline ResultCode code(const Frame& frame) { return result_code(result(frame)); }

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string path = (std::filesystem::temp_directory_path() / "signet-emulator-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) std::abort();
    path_ = path;
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{path_}, {}));
  }

 private:
  std::string path_;
};

inline std::string read_file(const std::string& path) {
  std::ifstream stream{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}
inline void write_file(const std::string& path, std::string_view content) {
  std::ofstream stream{path, std::ios::binary | std::ios::trunc};
  stream << content;
}

}  // namespace signet::rpmb::testing
