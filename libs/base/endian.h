// Big-endian integers in byte buffers, as RPMB frames and our own on-chip format store them.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace signet {

template <std::unsigned_integral T>
constexpr void store_be(std::span<std::uint8_t> to, std::size_t offset, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    to[offset + i] = static_cast<std::uint8_t>(value >> (8 * (sizeof(T) - 1 - i)));
  }
}

template <std::unsigned_integral T>
[[nodiscard]] constexpr T load_be(std::span<const std::uint8_t> from, std::size_t offset) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>((value << 8) | from[offset + i]);
  return value;
}

}  // namespace signet
