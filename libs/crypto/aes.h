// AES (FIPS 197) of single blocks, for protocols that build their own mode on it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.h"

namespace signet::crypto {

using AesBlock = std::array<std::uint8_t, 16>;

// One key, of 16 or 32 octets. Not thread-safe: the cipher contexts are kept and re-used.
class AesKey {
 public:
  explicit AesKey(std::span<const std::uint8_t, 16> key);
  explicit AesKey(std::span<const std::uint8_t, 32> key);
  AesKey(AesKey&&) noexcept;
  AesKey& operator=(AesKey&&) noexcept;
  ~AesKey();

  [[nodiscard]] AesBlock encrypt(const AesBlock& block) const;
  [[nodiscard]] AesBlock decrypt(const AesBlock& block) const;

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace signet::crypto
