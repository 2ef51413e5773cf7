#include "fastpair/session_key.h"

#include "crypto/sha256.h"

namespace signet::fastpair {

std::optional<AccountKey> agree(const crypto::P256PrivateKey& own, const PublicKey& other) {
  const auto x = own.shared_x(other);
  if (!x) return std::nullopt;
  crypto::Digest digest = crypto::sha256(x->view());
  AccountKey key{std::span{std::as_const(digest)}.first<kAccountKeySize>()};
  wipe(digest.data(), digest.size());
  return key;
}

}  // namespace signet::fastpair
