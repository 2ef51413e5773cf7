// Octets. std::uint8_t throughout: OpenSSL, D-Bus and the kernel all speak it, so that no cast stands in between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signet {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(BytesView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

inline void append(Bytes& to, BytesView from) { to.insert(to.end(), from.begin(), from.end()); }

}  // namespace signet
