#include "activation/seal.h"

#include <algorithm>
#include <mutex>

#include "base/hex.h"
#include "crypto/aes_gcm.h"

namespace signet::activation {
namespace {

// Octets of what is sealed: 0 format (1), 1 nonce (12), 13 ciphertext, then the tag (16).
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kTextAt = 1 + crypto::kGcmNonceSize;
constexpr std::size_t kOverhead = kTextAt + crypto::kGcmTagSize;

Bytes associated(std::string_view what, BytesView whose) {
  Bytes data;
  append(data, as_bytes("signet seal v1"));
  data.push_back(0);
  append(data, as_bytes(what));
  data.push_back(0);
  append(data, whose);
  return data;
}

}  // namespace

Result<MasterKey> parse_master_key(BytesView text) {
  MasterKey key;
  if (text.size() == key.view().size()) {
    std::copy(text.begin(), text.end(), key.writable().begin());
    return key;
  }
  if (text.size() == 65 && text.back() == '\n') text = text.first(64);
  auto octets = text.size() == 64 ? from_hex(as_text(text)) : std::nullopt;
  if (!octets) return fail(Errc::config_invalid, "master key: must be 32 octets or 64 hexadecimal digits");
  std::copy(octets->begin(), octets->end(), key.writable().begin());
  wipe(octets->data(), octets->size());
  return key;
}

struct Seal::Cipher {
  explicit Cipher(const MasterKey& key) : gcm{key.view()} {}
  std::mutex mutex;
  crypto::AesGcm gcm;
};

Seal::Seal(const MasterKey& key) : cipher_{std::make_unique<Cipher>(key)} {}
Seal::Seal(Seal&&) noexcept = default;
Seal& Seal::operator=(Seal&&) noexcept = default;
Seal::~Seal() = default;

Bytes Seal::close(BytesView plain, std::string_view what, BytesView whose, crypto::Random& random) const {
  Bytes sealed(plain.size() + kOverhead);
  const std::span all{sealed};
  sealed.front() = kFormat;
  const auto nonce = all.subspan<1, crypto::kGcmNonceSize>();
  random.fill(nonce);
  std::copy(plain.begin(), plain.end(), all.begin() + kTextAt);
  const std::lock_guard lock{cipher_->mutex};
  cipher_->gcm.seal(nonce, associated(what, whose), all.subspan(kTextAt, plain.size()),
                    all.last<crypto::kGcmTagSize>());
  return sealed;
}

Result<SecretBuffer> Seal::open(BytesView sealed, std::string_view what, BytesView whose) const {
  const auto refused = [what] {
    return fail(Errc::damaged, "sealed " + std::string{what} +
                                   ": altered, or sealed under another master key than the one of this daemon");
  };
  if (sealed.size() < kOverhead || sealed.front() != kFormat) return refused();
  SecretBuffer plain{sealed.subspan(kTextAt, sealed.size() - kOverhead)};
  const std::lock_guard lock{cipher_->mutex};
  const bool opened = cipher_->gcm.open(sealed.subspan<1, crypto::kGcmNonceSize>(), associated(what, whose),
                                        plain.writable(), sealed.last<crypto::kGcmTagSize>());
  if (!opened) return refused();
  return plain;
}

}  // namespace signet::activation
