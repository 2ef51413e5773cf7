#include "crypto/eid_curve.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace signet::crypto {
namespace {

constexpr const char* kOrder160 = "0100000000000000000001f4c8f927aed3ca752257";  // SEC 2
constexpr const char* kBase160 = "4a96b5688ef573284664698968c38bb913cbfc82";
constexpr const char* kBase256 = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";

Bytes hex(std::string_view digits) { return from_hex(digits).value(); }
const EidCurve& k160() { return EidCurve::of(CurveName::secp160r1); }
const EidCurve& k256() { return EidCurve::of(CurveName::secp256r1); }

Bytes plus(Bytes number, std::uint8_t more) {
  unsigned carry = more;
  for (auto octet = number.rbegin(); octet != number.rend(); ++octet) {
    carry += *octet;
    *octet = static_cast<std::uint8_t>(carry);
    carry >>= 8U;
  }
  return number;
}

TEST(EidCurve, OneTimesTheBasePointIsTheBasePoint) {
  EXPECT_EQ(k160().multiply_base(hex("01")), hex(kBase160));
  EXPECT_EQ(k256().multiply_base(hex("01")), hex(kBase256));
}

TEST(EidCurve, TheOrderLeavesNothing) {
  EXPECT_EQ(to_hex(k160().reduce(hex(kOrder160)).view()), std::string(42, '0'));
  EXPECT_FALSE(k160().multiply_base(hex(kOrder160)));
  EXPECT_FALSE(k160().multiply_base(Bytes(21)));
  EXPECT_FALSE(k160().multiply(Bytes(21), hex(kBase160)));
}

TEST(EidCurve, BothSidesOfAnExchangeComeToTheSame) {
  for (const EidCurve* curve : {&k160(), &k256()}) {
    const Bytes mine(curve->coordinate_size(), 0x17);
    const Bytes yours(curve->coordinate_size(), 0x23);

    const auto here = curve->multiply(mine, *curve->multiply_base(yours));

    ASSERT_TRUE(here);
    EXPECT_EQ(here, curve->multiply(yours, *curve->multiply_base(mine)));
  }
}

TEST(EidCurve, NoCoordinateIsTakenModuloThePrime) {
  constexpr const char* kPrime160 = "ffffffffffffffffffffffffffffffff7fffffff";  // SEC 2
  constexpr const char* kPrime256 = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
  const Bytes one = hex("01");

  for (const auto& [curve, prime] : {std::pair{&k160(), hex(kPrime160)}, std::pair{&k256(), hex(kPrime256)}}) {
    int on_curve = 0;
    EXPECT_FALSE(curve->multiply(one, prime));
    for (std::uint8_t x = 0; x < 16; ++x) {
      Bytes small(prime.size());
      small.back() = x;
      on_curve += curve->multiply(one, small) ? 1 : 0;
      EXPECT_FALSE(curve->multiply(one, plus(prime, x))) << +x;
    }
    EXPECT_GT(on_curve, 0) << "of what these would be taken for";
  }
}

TEST(EidCurve, WhatIsNoCoordinateIsRefused) {
  const Bytes one = hex("01");

  EXPECT_FALSE(k160().multiply(one, {}));
  EXPECT_FALSE(k160().multiply(one, Bytes(19, 1)));
  EXPECT_FALSE(k160().multiply(one, hex(kBase256)));
  EXPECT_FALSE(k160().multiply(one, Bytes(20, 0xff)));  // not below the prime
  Bytes off = hex(kBase160);
  int refused = 0;
  for (int i = 0; i < 32; ++i) {
    ++off.back();
    refused += k160().multiply(one, off) ? 0 : 1;
  }
  EXPECT_GT(refused, 5);  // about half of all numbers are on the curve
  EXPECT_LT(refused, 27);
}

}  // namespace
}  // namespace signet::crypto
