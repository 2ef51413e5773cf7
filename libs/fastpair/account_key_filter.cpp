#include "fastpair/account_key_filter.h"

#include <algorithm>

#include "base/endian.h"
#include "crypto/sha256.h"

namespace signet::fastpair {
namespace {

// Calls `each` with the eight places of a key among `bits` bits.
template <class Each>
void for_each_place(const AccountKey& key, BytesView salt, BytesView battery_field, std::size_t bits, Each each) {
  const crypto::Digest digest = crypto::sha256({key.view(), salt, battery_field});
  for (std::size_t at = 0; at < digest.size(); at += sizeof(std::uint32_t)) {
    const std::size_t place = load_be<std::uint32_t>(digest, at) % bits;
    each(place / 8, static_cast<std::uint8_t>(1u << (place % 8)));
  }
}

}  // namespace

std::size_t filter_size(std::size_t keys) { return keys == 0 ? 0 : (6 * std::min(keys, kMostAccountKeys) + 15) / 5; }

Bytes make_filter(std::span<const AccountKey> keys, BytesView salt, BytesView battery_field) {
  keys = keys.first(std::min(keys.size(), kMostAccountKeys));
  Bytes filter(filter_size(keys.size()));
  for (const AccountKey& key : keys) {
    for_each_place(key, salt, battery_field, 8 * filter.size(),
                   [&filter](std::size_t octet, std::uint8_t mask) { filter[octet] |= mask; });
  }
  return filter;
}

bool may_hold(BytesView filter, const AccountKey& key, BytesView salt, BytesView battery_field) {
  if (filter.empty()) return false;
  bool all = true;
  for_each_place(key, salt, battery_field, 8 * filter.size(),
                 [&](std::size_t octet, std::uint8_t mask) { all = all && (filter[octet] & mask) != 0; });
  return all;
}

}  // namespace signet::fastpair
