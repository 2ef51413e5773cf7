// Integers in byte buffers: big-endian, as RPMB frames, FMDN and our own formats store them, or little-endian, as
// Bluetooth and DULT do.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"

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

template <std::unsigned_integral T>
constexpr void store_le(std::span<std::uint8_t> to, std::size_t offset, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) to[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

template <std::unsigned_integral T>
[[nodiscard]] constexpr T load_le(std::span<const std::uint8_t> from, std::size_t offset) {
  T value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) value = static_cast<T>((value << 8) | from[offset + i]);
  return value;
}

template <std::unsigned_integral T>
void append_le(Bytes& to, T value) {
  to.resize(to.size() + sizeof(T));
  store_le(to, to.size() - sizeof(T), value);
}

}  // namespace signet
