// Structs of the ABI that grow: what a caller compiled against an older header gives is filled up with nothing.
#pragma once

#include <cstring>
#include <optional>

namespace signet::client {

// `given`: begins with its size; NULL: all defaults. Nothing: of a size that this library does not know.
template <class Struct>
std::optional<Struct> known_fields(const Struct* given) {
  Struct filled{};
  if (!given) return filled;
  if (given->size < sizeof filled.size || given->size > sizeof filled) return std::nullopt;
  std::memcpy(&filled, given, given->size);
  return filled;
}

}  // namespace signet::client
