#include "crypto/ecdsa.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "openssl_command.h"

namespace signet::crypto {
namespace {

// RFC 6979 appendix A.2.5: the key, and the signature with SHA-256 of "sample".
constexpr const char* kScalar = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
constexpr const char* kPoint =
    "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
constexpr const char* kSampleSignature =
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
// SubjectPublicKeyInfo of a P-256 key up to the point (RFC 5480).
constexpr const char* kInfoHead = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

P256PrivateKey rfc_key() {
  Bytes octets = from_hex(kScalar).value();
  P256Scalar scalar{std::span<const std::uint8_t, 32>{octets}};
  return P256PrivateKey::from_scalar(scalar).value();
}

TEST(Ecdsa, ThePublicKeyOfAKnownPrivateKeyIsAsPublished) {
  EXPECT_EQ(to_hex(rfc_key().public_der()), std::string{kInfoHead} + kPoint);
}

TEST(Ecdsa, APublishedSignatureVerifies) {
  Bytes signature = from_hex(kSampleSignature).value();

  EXPECT_TRUE(rfc_key().verify(as_bytes("sample"), signature));
  EXPECT_TRUE(verify_es256(rfc_key().public_der(), as_bytes("sample"), signature).value());
  EXPECT_FALSE(verify_es256(rfc_key().public_der(), as_bytes("test"), signature).value());
}

TEST(Ecdsa, WhatAKeySignsItsPublicHalfVerifies) {
  P256PrivateKey key = P256PrivateKey::generate();
  Bytes public_der = key.public_der();
  for (std::string text : {std::string{}, std::string{"a"}, std::string(100'000, 'x')}) {
    Es256Signature signature = key.sign(as_bytes(text));

    EXPECT_TRUE(key.verify(as_bytes(text), signature));
    EXPECT_TRUE(verify_es256(public_der, as_bytes(text), signature).value());
  }
}

TEST(Ecdsa, AnotherKeyDoesNotVerify) {
  Es256Signature signature = P256PrivateKey::generate().sign(as_bytes("text"));

  EXPECT_FALSE(P256PrivateKey::generate().verify(as_bytes("text"), signature));
}

TEST(Ecdsa, EveryOctetOfTheSignatureCounts) {
  P256PrivateKey key = rfc_key();
  Es256Signature signature = key.sign(as_bytes("text"));
  for (std::uint8_t& octet : signature) {
    octet ^= 1;
    EXPECT_FALSE(key.verify(as_bytes("text"), signature));
    octet ^= 1;
  }
}

TEST(Ecdsa, ASignatureOfAnotherLengthIsSimplyNotValid) {
  P256PrivateKey key = rfc_key();
  Es256Signature signature = key.sign(as_bytes("text"));
  for (std::size_t size : {0u, 1u, 63u}) {
    EXPECT_FALSE(key.verify(as_bytes("text"), BytesView{signature}.first(size)));
  }
  EXPECT_FALSE(key.verify(as_bytes("text"), es256_to_der(signature)));
  EXPECT_FALSE(key.verify(as_bytes("text"), Bytes(64)));
}

TEST(Ecdsa, AKeyIsItsScalar) {
  P256PrivateKey key = P256PrivateKey::generate();

  P256PrivateKey same = P256PrivateKey::from_scalar(key.scalar()).value();

  EXPECT_EQ(same.public_der(), key.public_der());
  EXPECT_TRUE(key.verify(as_bytes("text"), same.sign(as_bytes("text"))));
  EXPECT_EQ(to_hex(rfc_key().scalar().view()), kScalar);
}

TEST(Ecdsa, AScalarOutsideTheGroupIsRefused) {
  for (const char* hex : {"0000000000000000000000000000000000000000000000000000000000000000",
                          "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",  // the order itself
                          "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}) {
    Bytes octets = from_hex(hex).value();

    auto key = P256PrivateKey::from_scalar(P256Scalar{std::span<const std::uint8_t, 32>{octets}});

    ASSERT_FALSE(key) << hex;
    EXPECT_EQ(key.error().code, Errc::invalid_argument);
  }
}

TEST(Ecdsa, WhatIsNoP256PublicKeyIsRefused) {
  Bytes good = rfc_key().public_der();
  Bytes off_curve = good;
  off_curve.back() ^= 1;
  Bytes truncated{good.begin(), good.end() - 1};
  Bytes ed25519 =
      from_hex("302a300506032b65700321003d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c").value();
  for (const Bytes& der : {Bytes{}, Bytes(91), off_curve, truncated, ed25519}) {
    auto verified = verify_es256(der, as_bytes("text"), Bytes(64));

    ASSERT_FALSE(verified) << to_hex(der);
    EXPECT_EQ(verified.error().code, Errc::invalid_argument);
  }
}

TEST(Ecdsa, SignaturesSurviveTheWayThroughDer) {
  P256PrivateKey key = rfc_key();
  for (std::uint8_t i = 0; i < 50; ++i) {  // r and s with and without leading zeros and high bits
    Es256Signature signature = key.sign(Bytes{i});

    EXPECT_EQ(es256_from_der(es256_to_der(signature)), signature);
  }
}

TEST(Ecdsa, WhatIsNoSignatureInDerIsRefused) {
  Bytes der = es256_to_der(rfc_key().sign(as_bytes("text")));
  Bytes longer = der;
  longer.push_back(0);
  Bytes too_large = from_hex("3026022101" + std::string(64, '0') + "020101").value();  // r has 33 octets
  for (const Bytes& wrong : {Bytes{}, Bytes{0x30}, Bytes(der.begin(), der.end() - 1), longer, too_large}) {
    EXPECT_FALSE(es256_from_der(wrong)) << to_hex(wrong);
  }
}

TEST(Ecdsa, APublicKeyIsItsPoint) {
  Bytes public_der = rfc_key().public_der();

  P256Point point = public_point(public_der).value();

  EXPECT_EQ("04" + to_hex(point), kPoint);
  EXPECT_EQ(public_from_point(point).value(), public_der);
  point.back() ^= 1;
  EXPECT_FALSE(public_from_point(point));  // off the curve
  EXPECT_FALSE(public_from_point(P256Point{}));
  EXPECT_FALSE(public_point(BytesView{public_der}.first(90)));
}

// ---- against the openssl command ----

using EcdsaAgainstOpenssl = OpensslCommand;

TEST_F(EcdsaAgainstOpenssl, VerifiesWhatWeSign) {
  P256PrivateKey key = P256PrivateKey::generate();
  write("public.der", key.public_der());
  write("text", as_bytes("signed here, verified there"));
  write("signature", es256_to_der(key.sign(as_bytes("signed here, verified there"))));

  EXPECT_TRUE(run("dgst -sha256 -verify public.der -keyform DER -signature signature text"));
  write("text", as_bytes("something else"));
  EXPECT_FALSE(run("dgst -sha256 -verify public.der -keyform DER -signature signature text"));
}

TEST_F(EcdsaAgainstOpenssl, SignsWhatWeVerify) {
  write("text", as_bytes("signed there, verified here"));
  ASSERT_TRUE(run("ecparam -name prime256v1 -genkey -noout -out private.pem"));
  ASSERT_TRUE(run("pkey -in private.pem -pubout -outform DER -out public.der"));
  ASSERT_TRUE(run("dgst -sha256 -sign private.pem -out signature text"));

  auto signature = es256_from_der(read("signature"));

  ASSERT_TRUE(signature);
  EXPECT_TRUE(verify_es256(read("public.der"), as_bytes("signed there, verified here"), *signature).value());
}

TEST(Ecdsa, BothSidesOfAnExchangeComeToTheSame) {
  const auto mine = P256PrivateKey::generate();
  const auto yours = P256PrivateKey::generate();

  const auto here = mine.shared_x(public_point(yours.public_der()).value());
  const auto there = yours.shared_x(public_point(mine.public_der()).value());

  ASSERT_TRUE(here && there);
  EXPECT_TRUE(std::ranges::equal(here->view(), there->view()));
}

TEST(Ecdsa, NothingIsExchangedWithAPointOffTheCurve) {
  const auto mine = P256PrivateKey::generate();
  P256Point off = public_point(P256PrivateKey::generate().public_der()).value();
  off.back() ^= 1;

  EXPECT_FALSE(mine.shared_x(off));
  EXPECT_FALSE(mine.shared_x(P256Point{}));
}

}  // namespace
}  // namespace signet::crypto
