// Octets that count up: the same in every run, and never twice the same.
#pragma once

#include "crypto/random.h"

namespace signet::keyring {

class CountingRandom final : public crypto::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (auto& octet : bytes) octet = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

}  // namespace signet::keyring
