#include "fmdn/nonces.h"

#include <utility>

namespace signet::fmdn {

std::optional<Bytes> Nonces::read(ConnectionId connection, std::size_t offset) {
  if (offset == 0) values_[connection] = {.nonce = random_.bytes<sizeof(Nonce)>(), .fresh = true};
  const auto at = values_.find(connection);
  if (at == values_.end() || offset > kReadSize) return std::nullopt;
  Bytes value{kProtocolVersion};
  append(value, at->second.nonce);
  return Bytes{value.begin() + static_cast<std::ptrdiff_t>(offset), value.end()};
}

std::optional<Nonce> Nonces::take(ConnectionId connection) {
  const auto at = values_.find(connection);
  if (at == values_.end() || !std::exchange(at->second.fresh, false)) return std::nullopt;
  return at->second.nonce;
}

}  // namespace signet::fmdn
