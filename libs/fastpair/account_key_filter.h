// The account key filter of an advert: whoever knows a key can tell that it is probably stored, others learn nothing
// (Fast Pair specification, "Account key filter").
#pragma once

#include <span>

#include "fastpair/account_keys.h"

namespace signet::fastpair {

// Octets of a filter for `keys` keys: 1.2 times as many and three more, rounded down. None for no key.
std::size_t filter_size(std::size_t keys);

// `salt`: 2 octets (1 in older revisions). `battery_field`: as advertised with its header octet, or empty. Keys beyond
// the first ten have no room and are left out.
Bytes make_filter(std::span<const AccountKey> keys, BytesView salt, BytesView battery_field);

// Whether `filter` may hold `key`. False positives are in the nature of it (about one in 30 per foreign key).
bool may_hold(BytesView filter, const AccountKey& key, BytesView salt, BytesView battery_field);

}  // namespace signet::fastpair
