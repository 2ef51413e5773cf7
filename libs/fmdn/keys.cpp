#include "fmdn/keys.h"

#include <algorithm>

#include "crypto/sha256.h"

namespace signet::fmdn {
namespace {

ShortKey derive(const Eik& eik, std::uint8_t which) {
  SecretBytes<kEikSize + 1> content;
  std::ranges::copy(eik.view(), content.writable().begin());
  content.writable().back() = which;
  auto digest = crypto::sha256(content.view());
  ShortKey key{std::span{digest}.first<8>()};
  wipe(digest.data(), digest.size());
  return key;
}

// Runs both halves of a key through the same block function.
template <class Convert>
std::array<std::uint8_t, kEikSize> convert(std::span<const std::uint8_t, kEikSize> from, Convert block_of) {
  std::array<std::uint8_t, kEikSize> to;
  for (std::size_t at = 0; at < kEikSize; at += sizeof(crypto::AesBlock)) {
    crypto::AesBlock block;
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(at), block.size(), block.begin());
    block = block_of(block);
    std::ranges::copy(block, to.begin() + static_cast<std::ptrdiff_t>(at));
    wipe(block.data(), block.size());
  }
  return to;
}

}  // namespace

ShortKey recovery_key(const Eik& eik) { return derive(eik, 1); }
ShortKey ring_key(const Eik& eik) { return derive(eik, 2); }
ShortKey unwanted_tracking_key(const Eik& eik) { return derive(eik, 3); }

Hash eik_hash(const Eik& eik, const Nonce& nonce) {
  SecretBytes<kEikSize + sizeof(Nonce)> content;
  std::ranges::copy(nonce, std::ranges::copy(eik.view(), content.writable().begin()).out);
  const auto digest = crypto::sha256(content.view());
  Hash hash;
  std::copy_n(digest.begin(), hash.size(), hash.begin());
  return hash;
}

std::array<std::uint8_t, kEikSize> wrap(const Eik& eik, std::span<const std::uint8_t, 16> account_key) {
  const crypto::AesKey key{account_key};
  return convert(eik.view(), [&key](const crypto::AesBlock& block) { return key.encrypt(block); });
}

Eik unwrap(std::span<const std::uint8_t, kEikSize> wrapped, std::span<const std::uint8_t, 16> account_key) {
  const crypto::AesKey key{account_key};
  auto octets = convert(wrapped, [&key](const crypto::AesBlock& block) { return key.decrypt(block); });
  Eik eik{octets};
  wipe(octets.data(), octets.size());
  return eik;
}

}  // namespace signet::fmdn
