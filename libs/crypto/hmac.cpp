// The low-level SHA-256 calls are deprecated in OpenSSL 3, but nothing else lets a key be absorbed once and copied:
// EVP_MAC costs 1.5 times as much per frame (lab figures; tests/bench prints them anew).
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/hmac.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <new>

namespace signet::crypto {

struct HmacKey::Contexts {
  SHA256_CTX inner;
  SHA256_CTX outer;
  ~Contexts() { OPENSSL_cleanse(this, sizeof *this); }
};

namespace {

constexpr std::size_t kBlock = SHA256_CBLOCK;

void absorb(SHA256_CTX& context, const std::array<std::uint8_t, kBlock>& key, std::uint8_t pad) {
  std::array<std::uint8_t, kBlock> padded;
  std::transform(key.begin(), key.end(), padded.begin(),
                 [pad](std::uint8_t byte) { return static_cast<std::uint8_t>(byte ^ pad); });
  SHA256_Init(&context);
  SHA256_Update(&context, padded.data(), padded.size());
  OPENSSL_cleanse(padded.data(), padded.size());
}

}  // namespace

HmacKey::HmacKey(BytesView key) : contexts_{std::make_unique<Contexts>()} {
  std::array<std::uint8_t, kBlock> block{};
  if (key.size() > kBlock) {
    SHA256(key.data(), key.size(), block.data());
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  absorb(contexts_->inner, block, 0x36);
  absorb(contexts_->outer, block, 0x5c);
  OPENSSL_cleanse(block.data(), block.size());
}

HmacKey::HmacKey(HmacKey&&) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&&) noexcept = default;
HmacKey::~HmacKey() = default;

struct HmacKey::Stream::State {
  SHA256_CTX context;
};

HmacKey::Stream::Stream(const HmacKey& key) : key_{key} {
  static_assert(sizeof(State) <= sizeof state_ && alignof(State) <= 8);
  new (state_.data()) State{key.contexts_->inner};
}

HmacKey::Stream::~Stream() { OPENSSL_cleanse(state_.data(), state_.size()); }

void HmacKey::Stream::update(BytesView data) {
  SHA256_Update(&std::launder(reinterpret_cast<State*>(state_.data()))->context, data.data(), data.size());
}

Mac HmacKey::Stream::finish() {
  SHA256_CTX& context = std::launder(reinterpret_cast<State*>(state_.data()))->context;
  Mac mac;
  SHA256_Final(mac.data(), &context);
  context = key_.contexts_->outer;
  SHA256_Update(&context, mac.data(), mac.size());
  SHA256_Final(mac.data(), &context);
  return mac;
}

Mac HmacKey::mac(BytesView data) const { return mac({data}); }

Mac HmacKey::mac(std::initializer_list<BytesView> parts) const {
  Stream stream{*this};
  for (BytesView part : parts) stream.update(part);
  return stream.finish();
}

bool equal_constant_time(BytesView a, BytesView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Digest sha256(BytesView data) { return sha256({data}); }

Digest sha256(std::initializer_list<BytesView> parts) {
  SHA256_CTX context;
  SHA256_Init(&context);
  for (BytesView part : parts) SHA256_Update(&context, part.data(), part.size());
  Digest digest;
  SHA256_Final(digest.data(), &context);
  return digest;
}

}  // namespace signet::crypto
