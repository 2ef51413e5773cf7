#include "crypto/aes_eax.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include "crypto/aes.h"
#include "crypto/openssl.h"

namespace signet::crypto {
namespace {

using Mac = std::unique_ptr<EVP_MAC, FreeWith<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;

// CMAC with the place of the argument in front of it ("OMAC^t" of the paper).
class TweakedMac {
 public:
  explicit TweakedMac(BytesView key) {
    static const Mac algorithm{EVP_MAC_fetch(nullptr, "CMAC", nullptr)};
    require(algorithm != nullptr);
    context_.reset(EVP_MAC_CTX_new(algorithm.get()));
    std::string cipher{key.size() == 16 ? "AES-128-CBC" : "AES-256-CBC"};
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher.data(), 0),
                                 OSSL_PARAM_construct_end()};
    require(EVP_MAC_init(context_.get(), key.data(), key.size(), params));
  }

  AesBlock operator()(std::uint8_t place, BytesView octets) {
    AesBlock tweak{};
    tweak.back() = place;
    AesBlock mac;
    std::size_t size = 0;
    require(EVP_MAC_init(context_.get(), nullptr, 0, nullptr));
    require(EVP_MAC_update(context_.get(), tweak.data(), tweak.size()));
    require(EVP_MAC_update(context_.get(), octets.data(), octets.size()));
    require(EVP_MAC_final(context_.get(), mac.data(), &size, mac.size()));
    return mac;
  }

 private:
  MacContext context_;
};

Bytes counter_mode(BytesView key, const AesBlock& start, BytesView text) {
  const CipherContext context{EVP_CIPHER_CTX_new()};
  const EVP_CIPHER* cipher = key.size() == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr();
  require(EVP_EncryptInit_ex(context.get(), cipher, nullptr, key.data(), start.data()));
  Bytes result(text.size());
  int size = 0;
  require(EVP_EncryptUpdate(context.get(), result.data(), &size, text.data(), static_cast<int>(text.size())));
  return result;
}

struct Macs {
  AesBlock nonce;
  EaxTag tag;
};

Macs macs_of(BytesView key, BytesView nonce, BytesView header, BytesView sealed) {
  TweakedMac mac{key};
  Macs macs{.nonce = mac(0, nonce), .tag = {}};
  const AesBlock of_header = mac(1, header);
  const AesBlock of_text = mac(2, sealed);
  for (std::size_t i = 0; i < macs.tag.size(); ++i) {
    macs.tag[i] = static_cast<std::uint8_t>(macs.nonce[i] ^ of_header[i] ^ of_text[i]);
  }
  return macs;
}

}  // namespace

EaxSealed eax_seal(BytesView key, BytesView nonce, BytesView header, BytesView text) {
  const AesBlock start = TweakedMac{key}(0, nonce);
  EaxSealed sealed{.text = counter_mode(key, start, text), .tag = {}};
  sealed.tag = macs_of(key, nonce, header, sealed.text).tag;
  return sealed;
}

std::optional<Bytes> eax_open(BytesView key, BytesView nonce, BytesView header, BytesView text, BytesView tag) {
  const Macs macs = macs_of(key, nonce, header, text);
  if (tag.size() != kEaxTagSize || CRYPTO_memcmp(macs.tag.data(), tag.data(), kEaxTagSize) != 0) return std::nullopt;
  return counter_mode(key, macs.nonce, text);
}

}  // namespace signet::crypto
