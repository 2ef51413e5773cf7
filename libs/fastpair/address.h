// Bluetooth device addresses as Fast Pair carries them: big endian, in the order in which they are printed.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/secret_bytes.h"

namespace signet::fastpair {

inline constexpr std::size_t kAddressSize = 6;
using Address = std::array<std::uint8_t, kAddressSize>;

using IdentityResolvingKey = SecretBytes<16>;  // in the order of the Bluetooth Core specification's figures, not of HCI

// Whether `address` is a resolvable private address made with `key` (Bluetooth Core specification, Vol 3 Part H,
// "random address hash function ah").
bool resolves(const Address& address, const IdentityResolvingKey& key);

}  // namespace signet::fastpair
