#include "crypto/aes.h"

#include "crypto/openssl.h"

namespace signet::crypto {

struct AesKey::Contexts {
  using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;  // wipes the key schedule

  Contexts(const EVP_CIPHER* cipher, const std::uint8_t* key) {
    require(EVP_EncryptInit_ex(encrypt.get(), cipher, nullptr, key, nullptr));
    require(EVP_DecryptInit_ex(decrypt.get(), cipher, nullptr, key, nullptr));
    require(EVP_CIPHER_CTX_set_padding(encrypt.get(), 0));
    require(EVP_CIPHER_CTX_set_padding(decrypt.get(), 0));
  }

  Context encrypt{EVP_CIPHER_CTX_new()};
  Context decrypt{EVP_CIPHER_CTX_new()};
};

AesKey::AesKey(std::span<const std::uint8_t, 16> key)
    : contexts_{std::make_unique<Contexts>(EVP_aes_128_ecb(), key.data())} {}
AesKey::AesKey(std::span<const std::uint8_t, 32> key)
    : contexts_{std::make_unique<Contexts>(EVP_aes_256_ecb(), key.data())} {}
AesKey::AesKey(AesKey&&) noexcept = default;
AesKey& AesKey::operator=(AesKey&&) noexcept = default;
AesKey::~AesKey() = default;

AesBlock AesKey::encrypt(const AesBlock& block) const {
  AesBlock result;
  int size = 0;
  require(EVP_EncryptUpdate(contexts_->encrypt.get(), result.data(), &size, block.data(), sizeof block));
  return result;
}

AesBlock AesKey::decrypt(const AesBlock& block) const {
  AesBlock result;
  int size = 0;
  require(EVP_DecryptUpdate(contexts_->decrypt.get(), result.data(), &size, block.data(), sizeof block));
  return result;
}

}  // namespace signet::crypto
