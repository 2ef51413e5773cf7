#include "crypto/ecdsa.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <string_view>

namespace signet::crypto {
namespace {

template <auto Function>
struct Free {
  template <class T>
  void operator()(T* object) const {
    Function(object);
  }
};
using PKey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using MdContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

bool is_p256(const EVP_PKEY* key) {
  std::array<char, 64> group{};
  std::size_t size = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(), &size) == 1 &&
         std::string_view{group.data(), size} == SN_X9_62_prime256v1;
}

// Runs one of OpenSSL's i2d functions into a buffer of the right size.
template <class Buffer, class Encode>
Buffer encode(Encode encode_to) {
  int size = encode_to(nullptr);
  if (size <= 0) std::abort();  // out of memory
  Buffer buffer = Buffer(static_cast<std::size_t>(size));
  std::uint8_t* end = nullptr;
  if constexpr (requires { buffer.writable(); }) {
    end = buffer.writable().data();
  } else {
    end = buffer.data();
  }
  encode_to(&end);
  return buffer;
}

bool verify_with(EVP_PKEY* key, BytesView data, BytesView signature) {
  if (signature.size() != kEs256Size) return false;
  Es256Signature raw;
  std::copy(signature.begin(), signature.end(), raw.begin());
  Bytes der = es256_to_der(raw);
  MdContext context{EVP_MD_CTX_new()};
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), der.data(), der.size(), data.data(), data.size()) == 1;
}

}  // namespace

struct P256PrivateKey::Key {
  PKey pkey;
};

P256PrivateKey::P256PrivateKey(std::unique_ptr<Key> key) : key_{std::move(key)} {}
P256PrivateKey::P256PrivateKey(P256PrivateKey&&) noexcept = default;
P256PrivateKey& P256PrivateKey::operator=(P256PrivateKey&&) noexcept = default;
P256PrivateKey::~P256PrivateKey() = default;

P256PrivateKey P256PrivateKey::generate() {
  PKey pkey{EVP_EC_gen(SN_X9_62_prime256v1)};
  if (!pkey) std::abort();  // no randomness or no memory
  return P256PrivateKey{std::make_unique<Key>(std::move(pkey))};
}

Result<P256PrivateKey> P256PrivateKey::from_der(BytesView der) {
  const std::uint8_t* begin = der.data();
  PKey pkey{d2i_AutoPrivateKey(nullptr, &begin, static_cast<long>(der.size()))};
  if (!pkey || !is_p256(pkey.get())) return fail(Errc::invalid_argument, "not a P-256 private key in DER");
  return P256PrivateKey{std::make_unique<Key>(std::move(pkey))};
}

SecretBuffer P256PrivateKey::to_der() const {
  std::unique_ptr<PKCS8_PRIV_KEY_INFO, Free<PKCS8_PRIV_KEY_INFO_free>> info{EVP_PKEY2PKCS8(key_->pkey.get())};
  return encode<SecretBuffer>([&info](std::uint8_t** out) { return i2d_PKCS8_PRIV_KEY_INFO(info.get(), out); });
}

Bytes P256PrivateKey::public_der() const {
  return encode<Bytes>([this](std::uint8_t** out) { return i2d_PUBKEY(key_->pkey.get(), out); });
}

Es256Signature P256PrivateKey::sign(BytesView data) const {
  std::array<std::uint8_t, 80> der;  // SEQUENCE of two INTEGERs: at most 72
  std::size_t size = der.size();
  MdContext context{EVP_MD_CTX_new()};
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_->pkey.get()) != 1 ||
      EVP_DigestSign(context.get(), der.data(), &size, data.data(), data.size()) != 1) {
    std::abort();  // no randomness or no memory
  }
  return es256_from_der(BytesView{der.data(), size}).value();
}

bool P256PrivateKey::verify(BytesView data, BytesView signature) const { return verify_with(key_->pkey.get(), data, signature); }

Result<bool> verify_es256(BytesView public_der, BytesView data, BytesView signature) {
  const std::uint8_t* begin = public_der.data();
  PKey pkey{d2i_PUBKEY(nullptr, &begin, static_cast<long>(public_der.size()))};
  if (!pkey || !is_p256(pkey.get())) return fail(Errc::invalid_argument, "not a P-256 public key in DER");
  return verify_with(pkey.get(), data, signature);
}

Bytes es256_to_der(const Es256Signature& signature) {
  Signature parts{ECDSA_SIG_new()};
  BIGNUM* r = BN_bin2bn(signature.data(), 32, nullptr);
  BIGNUM* s = BN_bin2bn(signature.data() + 32, 32, nullptr);
  if (ECDSA_SIG_set0(parts.get(), r, s) != 1) std::abort();
  return encode<Bytes>([&parts](std::uint8_t** out) { return i2d_ECDSA_SIG(parts.get(), out); });
}

std::optional<Es256Signature> es256_from_der(BytesView der) {
  const std::uint8_t* begin = der.data();
  Signature parts{d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(der.size()))};
  if (!parts || begin != der.data() + der.size()) return std::nullopt;
  Es256Signature signature;
  if (BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), signature.data(), 32) != 32 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), signature.data() + 32, 32) != 32) {
    return std::nullopt;
  }
  return signature;
}

}  // namespace signet::crypto
