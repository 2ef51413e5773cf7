#include "fastpair/address.h"

#include <algorithm>

#include "crypto/aes.h"

namespace signet::fastpair {

bool resolves(const Address& address, const IdentityResolvingKey& key) {
  if ((address[0] & 0xc0) != 0x40) return false;  // the two bits that mark a resolvable private address
  crypto::AesBlock random{};
  std::copy_n(address.begin(), 3, random.end() - 3);
  const crypto::AesBlock hash = crypto::AesKey{key.view()}.encrypt(random);
  return std::equal(hash.end() - 3, hash.end(), address.begin() + 3);
}

}  // namespace signet::fastpair
