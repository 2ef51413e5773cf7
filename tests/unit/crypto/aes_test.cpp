#include "crypto/aes.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "crypto/aes_eax.h"

namespace signet::crypto {
namespace {

template <std::size_t Size>
std::array<std::uint8_t, Size> octets(std::string_view hex) {
  const Bytes bytes = from_hex(hex).value();
  std::array<std::uint8_t, Size> result{};
  std::copy_n(bytes.begin(), Size, result.begin());
  return result;
}

TEST(Aes, KnownAnswerOf128Bits) {  // FIPS 197, appendix C.1
  const AesKey key{octets<16>("000102030405060708090a0b0c0d0e0f")};
  const auto plain = octets<16>("00112233445566778899aabbccddeeff");

  const auto sealed = key.encrypt(plain);

  EXPECT_EQ(to_hex(sealed), "69c4e0d86a7b0430d8cdb78070b4c55a");
  EXPECT_EQ(key.decrypt(sealed), plain);
}

TEST(Aes, KnownAnswerOf256Bits) {  // FIPS 197, appendix C.3
  const AesKey key{octets<32>("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")};
  const auto plain = octets<16>("00112233445566778899aabbccddeeff");

  const auto sealed = key.encrypt(plain);

  EXPECT_EQ(to_hex(sealed), "8ea2b7ca516745bfeafc49904b496089");
  EXPECT_EQ(key.decrypt(sealed), plain);
}

// Known answers are in tests/vectors/fmdn.json.
struct Eax : testing::Test {
  const Bytes key = from_hex("835816f4f4ec66eef4d9a1c27b9e5cb6").value_or(Bytes{});
  const Bytes nonce = from_hex("3e2b7c0b6c0d1f5e").value_or(Bytes{});
  const Bytes header = from_hex("1a8c").value_or(Bytes{});
  const Bytes text = from_hex("00010203040506070809").value_or(Bytes{});
};

TEST_F(Eax, OpensWhatItSealed) {
  const auto sealed = eax_seal(key, nonce, header, text);

  EXPECT_NE(sealed.text, text);
  EXPECT_EQ(eax_open(key, nonce, header, sealed.text, sealed.tag), text);
}

TEST_F(Eax, EveryBitCounts) {
  const auto sealed = eax_seal(key, nonce, header, text);

  for (std::size_t bit = 0; bit < 8 * sealed.text.size(); ++bit) {
    Bytes damaged = sealed.text;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(eax_open(key, nonce, header, damaged, sealed.tag)) << bit;
  }
  for (std::size_t bit = 0; bit < 8 * sealed.tag.size(); ++bit) {
    EaxTag damaged = sealed.tag;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(eax_open(key, nonce, header, sealed.text, damaged)) << bit;
  }
}

TEST_F(Eax, NonceHeaderAndTheTagsLengthCount) {
  const auto sealed = eax_seal(key, nonce, header, text);

  EXPECT_FALSE(eax_open(key, header, header, sealed.text, sealed.tag));
  EXPECT_FALSE(eax_open(key, nonce, nonce, sealed.text, sealed.tag));
  EXPECT_FALSE(eax_open(key, nonce, header, sealed.text, std::span{sealed.tag}.first(15)));
  EXPECT_FALSE(eax_open(key, nonce, header, sealed.text, {}));
}

}  // namespace
}  // namespace signet::crypto
