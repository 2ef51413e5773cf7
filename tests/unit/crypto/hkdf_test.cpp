#include "crypto/hkdf.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace signet::crypto {
namespace {

std::string derive(BytesView secret, BytesView salt, BytesView info, std::size_t size) {
  Bytes out(size);
  hkdf_sha256(secret, salt, as_text(info), out);
  return to_hex(out);
}

Bytes counting(unsigned from, unsigned to) {
  Bytes bytes;
  for (unsigned value = from; value <= to; ++value) bytes.push_back(static_cast<std::uint8_t>(value));
  return bytes;
}

TEST(Hkdf, MatchesRfc5869AppendixA1) {
  EXPECT_EQ(derive(Bytes(22, 0x0b), counting(0x00, 0x0c), counting(0xf0, 0xf9), 42),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

TEST(Hkdf, MatchesRfc5869AppendixA2WithLongInputs) {
  EXPECT_EQ(
      derive(counting(0x00, 0x4f), counting(0x60, 0xaf), counting(0xb0, 0xff), 82),
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f"
      "09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
}

TEST(Hkdf, MatchesRfc5869AppendixA3WithoutSaltAndInfo) {
  EXPECT_EQ(derive(Bytes(22, 0x0b), {}, {}, 42),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, AShorterOutputIsTheBeginningOfALongerOne) {
  Bytes secret(32, 0x11);

  EXPECT_EQ(derive(secret, {}, as_bytes("label"), 64).substr(0, 20), derive(secret, {}, as_bytes("label"), 10));
}

TEST(Hkdf, ALabelMakesAKeyOfItsOwn) {
  Bytes secret(32, 0x11);

  EXPECT_NE(derive(secret, {}, as_bytes("signet store v1"), 32), derive(secret, {}, as_bytes("signet store v2"), 32));
}

}  // namespace
}  // namespace signet::crypto
