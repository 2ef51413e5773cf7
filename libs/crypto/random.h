// Random octets from the kernel's generator.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace signet::crypto {

// Source of randomness; tests inject a deterministic one.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;

  template <std::size_t Size>
  std::array<std::uint8_t, Size> bytes() {
    std::array<std::uint8_t, Size> result;
    fill(result);
    return result;
  }
};

// getrandom(2): blocks until the kernel's pool is initialised, so it is safe at early boot. Never fails on Linux.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace signet::crypto
