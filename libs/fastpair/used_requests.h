// The requests that have been served, so that a recording of one is not served again.
#pragma once

#include <array>
#include <deque>

#include "fastpair/session_key.h"

namespace signet::fastpair {

// Remembers the last 512 requests. Only who knows the key of a request can push another one out, and then by as many.
class UsedRequests {
 public:
  static constexpr std::size_t kCapacity = 512;

  // False when this block has been served under this key before. A public key is no part of it: the same key K follows
  // from a point and from its mirror image.
  bool use(const SessionKey& key, const Block& encrypted);

 private:
  using Mark = std::array<std::uint8_t, 16>;
  std::deque<Mark> marks_;
};

}  // namespace signet::fastpair
