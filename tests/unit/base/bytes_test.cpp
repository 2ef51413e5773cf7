#include "base/bytes.h"

#include <gtest/gtest.h>

#include <array>

#include "base/endian.h"
#include "base/hex.h"

namespace signet {
namespace {

TEST(Hex, IsLowerCaseWithoutSeparators) {
  EXPECT_EQ(to_hex(Bytes{0x00, 0x0f, 0xa5, 0xff}), "000fa5ff");
  EXPECT_EQ(to_hex({}), "");
}

TEST(Hex, EveryOctetSurvivesTheRoundTrip) {
  Bytes all(256);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);

  EXPECT_EQ(from_hex(to_hex(all)), all);
}

TEST(Hex, AcceptsBothCases) { EXPECT_EQ(from_hex("aBcDeF"), (Bytes{0xab, 0xcd, 0xef})); }

TEST(Hex, RefusesOddLengthsAndOtherCharacters) {
  for (const char* text : {"0", "abc", "0g", " 00", "0x00", "00 ", "-1", "\xc3\xa4"}) {
    EXPECT_FALSE(from_hex(text)) << text;
  }
  EXPECT_FALSE(from_hex(std::string_view{"\0\0", 2}));
}

TEST(Endian, StoresTheHighestOctetFirst) {
  std::array<std::uint8_t, 8> bytes{};

  store_be<std::uint32_t>(bytes, 1, 0x01020304);
  store_be<std::uint16_t>(bytes, 6, 0xa1b2);

  EXPECT_EQ(bytes, (std::array<std::uint8_t, 8>{0, 1, 2, 3, 4, 0, 0xa1, 0xb2}));
}

TEST(Endian, LoadsWhatItStored) {
  std::array<std::uint8_t, 9> bytes{};
  for (std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0xfedc'ba98'7654'3210}, ~std::uint64_t{0}}) {
    store_be(bytes, 1, value);

    EXPECT_EQ(load_be<std::uint64_t>(bytes, 1), value);
  }
}

TEST(Endian, LittleEndianHasTheLowestOctetFirst) {
  std::array<std::uint8_t, 8> bytes{};
  Bytes appended{9};

  store_le<std::uint32_t>(bytes, 1, 0x01020304);
  store_le<std::uint16_t>(bytes, 6, 0xa1b2);
  append_le<std::uint16_t>(appended, 0xa1b2);

  EXPECT_EQ(bytes, (std::array<std::uint8_t, 8>{0, 4, 3, 2, 1, 0, 0xb2, 0xa1}));
  EXPECT_EQ(appended, (Bytes{9, 0xb2, 0xa1}));
  EXPECT_EQ(load_le<std::uint32_t>(bytes, 1), 0x01020304U);
  EXPECT_EQ(load_le<std::uint16_t>(appended, 1), 0xa1b2);
}

TEST(Bytes, TextAndOctetsAreTheSameMemory) {
  std::string text{"a\0b", 3};

  EXPECT_EQ(as_bytes(text).size(), 3u);
  EXPECT_EQ(as_text(as_bytes(text)), text);
}

TEST(Bytes, AppendKeepsWhatWasThere) {
  Bytes bytes{1, 2};

  append(bytes, Bytes{3});
  append(bytes, {});

  EXPECT_EQ(bytes, (Bytes{1, 2, 3}));
}

}  // namespace
}  // namespace signet
