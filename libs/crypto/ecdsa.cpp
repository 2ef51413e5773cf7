// Signing and verifying take OpenSSL's older calls, deprecated in OpenSSL 3: EVP costs a sixteenth more with a context
// that is kept, and a fifth more with one for each signature; and d2i_PUBKEY, which asks every decoder of every
// provider, costs more than the verification that it is for (measured with 3.0).
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/ecdsa.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdh.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdlib>

#include "crypto/openssl.h"
#include "crypto/sha256.h"

namespace signet::crypto {
namespace {

using ECKey = std::unique_ptr<EC_KEY, FreeWith<EC_KEY_free>>;
using PKeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using Group = std::unique_ptr<EC_GROUP, FreeWith<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, FreeWith<EC_POINT_free>>;
using SecretNumber = std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;

// SubjectPublicKeyInfo of a P-256 key up to the point (RFC 5480), and the octet that says "uncompressed".
constexpr std::array<std::uint8_t, 27> kInfoHead{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                                 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                                 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
constexpr std::size_t kInfoSize = 91;
constexpr std::size_t kPointSize = 65;  // uncompressed

// The uncompressed public point of a private scalar. Nothing when the scalar is not within 1 .. n-1.
std::optional<std::array<std::uint8_t, 65>> point_of(const BIGNUM* scalar) {
  Group group{EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};
  Point point{EC_POINT_new(group.get())};
  if (BN_is_zero(scalar) || BN_cmp(scalar, EC_GROUP_get0_order(group.get())) >= 0) return std::nullopt;
  std::array<std::uint8_t, 65> octets;
  if (EC_POINT_mul(group.get(), point.get(), scalar, nullptr, nullptr, nullptr) != 1 ||
      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, octets.data(), octets.size(),
                         nullptr) != octets.size()) {
    std::abort();  // out of memory
  }
  return octets;
}

Failure no_public_key() { return fail(Errc::invalid_argument, "not a P-256 public key in DER"); }

// r || s. Nothing when one of the two is negative or has more than 32 octets.
std::optional<Es256Signature> join(const ECDSA_SIG& parts) {
  const BIGNUM* r = ECDSA_SIG_get0_r(&parts);
  const BIGNUM* s = ECDSA_SIG_get0_s(&parts);
  Es256Signature signature;
  if (BN_is_negative(r) != 0 || BN_is_negative(s) != 0 || BN_bn2binpad(r, signature.data(), 32) != 32 ||
      BN_bn2binpad(s, signature.data() + 32, 32) != 32) {
    return std::nullopt;
  }
  return signature;
}

// The other way round; whatever the octets.
Signature split(const Es256Signature& signature) {
  Signature parts{ECDSA_SIG_new()};
  BIGNUM* r = BN_bin2bn(signature.data(), 32, nullptr);
  BIGNUM* s = BN_bin2bn(signature.data() + 32, 32, nullptr);
  if (ECDSA_SIG_set0(parts.get(), r, s) != 1) std::abort();  // out of memory
  return parts;
}

bool verify_with(const EC_KEY* key, BytesView data, BytesView signature) {
  if (signature.size() != kEs256Size) return false;
  Es256Signature raw;
  std::copy(signature.begin(), signature.end(), raw.begin());
  const Digest digest = sha256(data);
  // Without the const in OpenSSL 3.0's declaration; nothing of the key changes.
  const int verdict =
      ECDSA_do_verify(digest.data(), static_cast<int>(digest.size()), split(raw).get(), const_cast<EC_KEY*>(key));
  ERR_clear_error();
  return verdict == 1;
}

}  // namespace

PKey decode_public(BytesView public_der) {
  if (public_der.size() != kInfoSize || !std::equal(kInfoHead.begin(), kInfoHead.end(), public_der.begin())) return {};
  static const Group p256{EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};  // to make one costs more than to copy it
  ECKey key{EC_KEY_new()};
  PKey pkey{EVP_PKEY_new()};
  if (!key || !pkey || EC_KEY_set_group(key.get(), p256.get()) != 1) std::abort();  // out of memory
  const auto point = public_der.last(kPointSize);
  const bool on_curve = EC_KEY_oct2key(key.get(), point.data(), point.size(), nullptr) == 1;
  ERR_clear_error();
  if (!on_curve) return {};
  require(EVP_PKEY_set1_EC_KEY(pkey.get(), key.get()));
  return pkey;
}

bool verify_with(EVP_PKEY* key, BytesView data, BytesView signature) {
  return verify_with(EVP_PKEY_get0_EC_KEY(key), data, signature);
}

struct P256PrivateKey::Key {
  explicit Key(PKey key) : pkey{std::move(key)}, signer{EVP_PKEY_get1_EC_KEY(pkey.get())} {
    if (!signer) std::abort();  // out of memory
  }
  PKey pkey;
  ECKey signer;
};

P256PrivateKey::P256PrivateKey(std::unique_ptr<Key> key) : key_{std::move(key)} {}
P256PrivateKey::P256PrivateKey(P256PrivateKey&&) noexcept = default;
P256PrivateKey& P256PrivateKey::operator=(P256PrivateKey&&) noexcept = default;
P256PrivateKey::~P256PrivateKey() = default;

EVP_PKEY* PrivateKeyAccess::key(const P256PrivateKey& key) { return key.key_->pkey.get(); }

P256PrivateKey P256PrivateKey::generate() {
  PKey pkey{EVP_EC_gen(SN_X9_62_prime256v1)};
  if (!pkey) std::abort();  // no randomness or no memory
  return P256PrivateKey{std::make_unique<Key>(std::move(pkey))};
}

Result<P256PrivateKey> P256PrivateKey::from_scalar(const P256Scalar& scalar) {
  SecretNumber number{BN_bin2bn(scalar.view().data(), static_cast<int>(scalar.view().size()), BN_secure_new())};
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  auto point = point_of(number.get());
  if (!point) return fail(Errc::invalid_argument, "not a P-256 private key: the scalar is out of range");

  P256Scalar native;  // OpenSSL's parameters hold integers in the byte order of the machine
  BN_bn2nativepad(number.get(), native.writable().data(), static_cast<int>(native.view().size()));
  std::string group{SN_X9_62_prime256v1};
  std::array<OSSL_PARAM, 4> params{
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native.writable().data(), native.view().size()),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point->data(), point->size()),
      OSSL_PARAM_construct_end(),
  };
  PKeyContext context{EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
  EVP_PKEY* pkey = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &pkey, EVP_PKEY_KEYPAIR, params.data()) != 1) {
    std::abort();  // out of memory
  }
  return P256PrivateKey{std::make_unique<Key>(PKey{pkey})};
}

P256Scalar P256PrivateKey::scalar() const {
  BIGNUM* raw = nullptr;
  int ok = EVP_PKEY_get_bn_param(key_->pkey.get(), OSSL_PKEY_PARAM_PRIV_KEY, &raw);
  SecretNumber number{raw};
  P256Scalar scalar;
  if (ok != 1 || BN_bn2binpad(number.get(), scalar.writable().data(), static_cast<int>(scalar.view().size())) < 0) {
    std::abort();  // out of memory
  }
  return scalar;
}

Bytes P256PrivateKey::public_der() const {
  std::array<std::uint8_t, kPointSize> point;
  const EC_KEY* key = key_->signer.get();
  if (EC_POINT_point2oct(EC_KEY_get0_group(key), EC_KEY_get0_public_key(key), POINT_CONVERSION_UNCOMPRESSED,
                         point.data(), point.size(), nullptr) != point.size()) {
    std::abort();  // out of memory
  }
  Bytes public_der{kInfoHead.begin(), kInfoHead.end()};
  append(public_der, BytesView{point}.subspan(1));
  return public_der;
}

Es256Signature P256PrivateKey::sign(BytesView data) const {
  Digest digest = sha256(data);
  Signature parts{ECDSA_do_sign(digest.data(), static_cast<int>(digest.size()), key_->signer.get())};
  if (!parts) std::abort();  // no randomness or no memory
  return join(*parts).value();
}

bool P256PrivateKey::verify(BytesView data, BytesView signature) const {
  return verify_with(key_->signer.get(), data, signature);
}

std::optional<SecretBytes<32>> P256PrivateKey::shared_x(const P256Point& other) const {
  const EC_KEY* key = key_->signer.get();
  const EC_GROUP* group = EC_KEY_get0_group(key);
  const Point point{EC_POINT_new(group)};
  std::array<std::uint8_t, kPointSize> octets{POINT_CONVERSION_UNCOMPRESSED};
  std::ranges::copy(other, octets.begin() + 1);
  const bool on_curve = EC_POINT_oct2point(group, point.get(), octets.data(), octets.size(), nullptr) == 1;
  ERR_clear_error();
  if (!on_curve) return std::nullopt;
  SecretBytes<32> shared;
  const auto size = static_cast<int>(shared.view().size());
  if (ECDH_compute_key(shared.writable().data(), shared.view().size(), point.get(), key, nullptr) != size) std::abort();
  return shared;
}

Result<Bytes> public_key_from_pem(std::string_view pem) {
  const Bio text{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  const PKey pkey{PEM_read_bio_PUBKEY(text.get(), nullptr, nullptr, nullptr)};
  if (!pkey) return no_public_key();
  Bytes der = encode([&pkey](std::uint8_t** out) { return i2d_PUBKEY(pkey.get(), out); });  // uncompressed or refused
  if (!decode_public(der)) return no_public_key();
  return der;
}

Result<bool> verify_es256(BytesView public_der, BytesView data, BytesView signature) {
  PKey pkey = decode_public(public_der);
  if (!pkey) return no_public_key();
  return verify_with(pkey.get(), data, signature);
}

Result<P256Point> public_point(BytesView public_der) {
  if (!decode_public(public_der)) return no_public_key();
  P256Point point;
  std::ranges::copy(public_der.last(point.size()), point.begin());
  return point;
}

Result<Bytes> public_from_point(const P256Point& point) {
  Bytes public_der{kInfoHead.begin(), kInfoHead.end()};
  append(public_der, point);
  if (!decode_public(public_der)) return no_public_key();
  return public_der;
}

Bytes es256_to_der(const Es256Signature& signature) {
  const Signature parts = split(signature);
  return encode([&parts](std::uint8_t** out) { return i2d_ECDSA_SIG(parts.get(), out); });
}

std::optional<Es256Signature> es256_from_der(BytesView der) {
  const std::uint8_t* begin = der.data();
  Signature parts{d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(der.size()))};
  if (!parts || begin != der.data() + der.size()) return std::nullopt;
  return join(*parts);
}

}  // namespace signet::crypto
