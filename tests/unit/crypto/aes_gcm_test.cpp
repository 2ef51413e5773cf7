#include "crypto/aes_gcm.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/hex.h"

namespace signet::crypto {
namespace {

// "The Galois/Counter Mode of Operation" (McGrew, Viega), test cases 13 to 16: AES-256 with nonces of 96 bits. They are
// those that NIST SP 800-38D refers to.
struct Vector {
  const char* key;
  const char* nonce;
  const char* aad;
  const char* plain;
  const char* cipher;
  const char* tag;
};

constexpr Vector kVectors[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "", "",
     "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
     "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
     "ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
     "bcc9f662898015ad",
     "b094dac5d93471bdec1a502270e3cc6c"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
     "ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
     "bcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

template <std::size_t Size>
std::array<std::uint8_t, Size> octets(const char* hex) {
  std::array<std::uint8_t, Size> result{};
  Bytes bytes = from_hex(hex).value();
  EXPECT_EQ(bytes.size(), Size);
  std::copy_n(bytes.begin(), Size, result.begin());
  return result;
}

TEST(AesGcm, SealsAsPublished) {
  for (const Vector& vector : kVectors) {
    AesGcm cipher{octets<32>(vector.key)};
    Bytes text = from_hex(vector.plain).value();
    std::array<std::uint8_t, kGcmTagSize> tag;

    cipher.seal(octets<12>(vector.nonce), from_hex(vector.aad).value(), text, tag);

    EXPECT_EQ(to_hex(text), vector.cipher);
    EXPECT_EQ(to_hex(tag), vector.tag);
  }
}

TEST(AesGcm, OpensAsPublished) {
  for (const Vector& vector : kVectors) {
    AesGcm cipher{octets<32>(vector.key)};
    Bytes text = from_hex(vector.cipher).value();

    ASSERT_TRUE(cipher.open(octets<12>(vector.nonce), from_hex(vector.aad).value(), text, octets<16>(vector.tag)));

    EXPECT_EQ(to_hex(text), vector.plain);
  }
}

// One object, one nonce after the other: the contexts are re-used and must not remember the last text.
TEST(AesGcm, OneKeySealsAndOpensManyTexts) {
  AesGcm cipher{octets<32>(kVectors[3].key)};
  for (std::uint8_t i = 0; i < 20; ++i) {
    std::array<std::uint8_t, kGcmNonceSize> nonce{i};
    Bytes text(i * 17u, i);
    std::array<std::uint8_t, kGcmTagSize> tag;
    cipher.seal(nonce, Bytes(i, 1), text, tag);

    ASSERT_TRUE(cipher.open(nonce, Bytes(i, 1), text, tag));

    EXPECT_EQ(text, Bytes(i * 17u, i));
  }
}

class AesGcmTampering : public ::testing::Test {
 protected:
  const Vector& vector_ = kVectors[3];
  AesGcm cipher_{octets<32>(vector_.key)};
  std::array<std::uint8_t, 12> nonce_ = octets<12>(vector_.nonce);
  std::array<std::uint8_t, 16> tag_ = octets<16>(vector_.tag);
  Bytes aad_ = from_hex(vector_.aad).value();
  Bytes text_ = from_hex(vector_.cipher).value();
};

TEST_F(AesGcmTampering, EveryBitOfTheTextCounts) {
  for (std::size_t bit = 0; bit < text_.size() * 8; bit += 5) {
    Bytes text = text_;
    text[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));

    EXPECT_FALSE(cipher_.open(nonce_, aad_, text, tag_));
    EXPECT_EQ(text, Bytes(text.size())) << "unauthenticated plaintext is left";
  }
}

TEST_F(AesGcmTampering, EveryBitOfTheTagCounts) {
  for (std::size_t bit = 0; bit < tag_.size() * 8; ++bit) {
    auto tag = tag_;
    tag[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    Bytes text = text_;

    EXPECT_FALSE(cipher_.open(nonce_, aad_, text, tag));
  }
}

TEST_F(AesGcmTampering, NonceAndAssociatedDataCount) {
  Bytes text = text_;
  auto nonce = nonce_;
  nonce[11] ^= 1;
  EXPECT_FALSE(cipher_.open(nonce, aad_, text, tag_));

  text = text_;
  Bytes aad = aad_;
  aad.pop_back();
  EXPECT_FALSE(cipher_.open(nonce_, aad, text, tag_));
}

}  // namespace
}  // namespace signet::crypto
