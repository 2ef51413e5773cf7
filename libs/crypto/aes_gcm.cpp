#include "crypto/aes_gcm.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>

#include "base/secret_bytes.h"

namespace signet::crypto {

struct AesGcm::Contexts {
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }  // wipes the key schedule
  };
  std::unique_ptr<EVP_CIPHER_CTX, Free> seal{EVP_CIPHER_CTX_new()};
  std::unique_ptr<EVP_CIPHER_CTX, Free> open{EVP_CIPHER_CTX_new()};
};

namespace {

// With a fixed cipher, valid lengths and memory at hand these calls have no reason to fail; going on would be worse.
void require(int ok) {
  if (ok != 1) std::abort();
}

}  // namespace

AesGcm::AesGcm(std::span<const std::uint8_t, 32> key) : contexts_{std::make_unique<Contexts>()} {
  require(EVP_EncryptInit_ex(contexts_->seal.get(), EVP_aes_256_gcm(), nullptr, key.data(), nullptr));
  require(EVP_DecryptInit_ex(contexts_->open.get(), EVP_aes_256_gcm(), nullptr, key.data(), nullptr));
}

AesGcm::AesGcm(AesGcm&&) noexcept = default;
AesGcm& AesGcm::operator=(AesGcm&&) noexcept = default;
AesGcm::~AesGcm() = default;

void AesGcm::seal(std::span<const std::uint8_t, kGcmNonceSize> nonce, BytesView aad, std::span<std::uint8_t> text,
                  std::span<std::uint8_t, kGcmTagSize> tag) {
  EVP_CIPHER_CTX* context = contexts_->seal.get();
  int n = 0;
  require(EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()));
  require(EVP_EncryptUpdate(context, nullptr, &n, aad.data(), static_cast<int>(aad.size())));
  require(EVP_EncryptUpdate(context, text.data(), &n, text.data(), static_cast<int>(text.size())));
  require(EVP_EncryptFinal_ex(context, text.data() + n, &n));
  require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag.size()), tag.data()));
}

bool AesGcm::open(std::span<const std::uint8_t, kGcmNonceSize> nonce, BytesView aad, std::span<std::uint8_t> text,
                  std::span<const std::uint8_t, kGcmTagSize> tag) {
  EVP_CIPHER_CTX* context = contexts_->open.get();
  std::array<std::uint8_t, kGcmTagSize> expected;
  std::copy(tag.begin(), tag.end(), expected.begin());  // the call takes a pointer to non-const
  int n = 0;
  require(EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()));
  require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, static_cast<int>(expected.size()), expected.data()));
  require(EVP_DecryptUpdate(context, nullptr, &n, aad.data(), static_cast<int>(aad.size())));
  require(EVP_DecryptUpdate(context, text.data(), &n, text.data(), static_cast<int>(text.size())));
  bool authentic = EVP_DecryptFinal_ex(context, text.data() + n, &n) == 1;
  if (!authentic) wipe(text.data(), text.size());
  return authentic;
}

}  // namespace signet::crypto
