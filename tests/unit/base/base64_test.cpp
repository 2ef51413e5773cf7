#include "base/base64.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/random_octets.h"

namespace signet {
namespace {

struct Vector {
  const char* text;
  const char* base64;
};

TEST(Base64, AgreesWithRfc4648Section10) {
  for (const auto& [text, base64] :
       {Vector{"", ""}, Vector{"f", "Zg=="}, Vector{"fo", "Zm8="}, Vector{"foo", "Zm9v"}, Vector{"foob", "Zm9vYg=="},
        Vector{"fooba", "Zm9vYmE="}, Vector{"foobar", "Zm9vYmFy"}}) {
    std::string unpadded{base64};
    std::erase(unpadded, '=');

    EXPECT_EQ(to_base64(as_bytes(text)), base64);
    EXPECT_EQ(to_base64url(as_bytes(text)), unpadded);
    for (const auto& back : {from_base64(base64), from_base64url(unpadded)}) {
      ASSERT_TRUE(back) << base64;
      EXPECT_EQ(as_text(*back), text);
    }
  }
}

TEST(Base64, TheTwoDifferInTheLastTwoDigits) {
  const Bytes octets{0xfb, 0xff};

  EXPECT_EQ(to_base64(octets), "+/8=");
  EXPECT_EQ(to_base64url(octets), "-_8");
  EXPECT_FALSE(from_base64("-_8="));
  EXPECT_FALSE(from_base64url("+/8"));
}

TEST(Base64, RefusesWhatIsNotCanonical) {
  for (const char* text : {"Zg", "Zg=", "Z===", "Zh==", "Zm9=", "Zg==Zg==", "Zm9%", "=Zm9", "====", "Zm9v=", " Zm9",
                           "Zm9v\n", "Zm\n9v\n"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
  for (const char* text : {"Z", "Zg==", "Zm8=", "Zh", "Zm9", "Zm9vY", "Zm9 ", "Zm9v\n"}) {
    EXPECT_FALSE(from_base64url(text)) << text;
  }
}

TEST(Base64, EverySpareBitCounts) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (const char* good : {"Zg", "Zm8"}) {
    std::string text{good};
    const auto taken = std::ranges::count_if(kDigits, [&](char digit) {
      text.back() = digit;
      return from_base64url(text).has_value();
    });
    EXPECT_EQ(taken, text.size() == 2 ? 4 : 16);  // 2 or 4 bits of the last digit are of the octet
  }
}

// Whatever is taken is the one text that stands for those octets.
void expect_canonical_or_nothing(std::string_view text) {
  if (const auto octets = from_base64(text)) {
    EXPECT_EQ(to_base64(*octets), text);
  }
  if (const auto octets = from_base64url(text)) {
    EXPECT_EQ(to_base64url(*octets), text);
  }
}

TEST(Base64, TakesRandomOctetsOnlyWhereTheyAreBase64) {
  RandomOctets random{1};

  EXPECT_FALSE(from_base64(random.exactly(10'000)));
  EXPECT_FALSE(from_base64url(random.exactly(10'000)));
  for (int i = 0; i < kRandomStrings; ++i) {
    expect_canonical_or_nothing(random.text(64));
    expect_canonical_or_nothing(random.text(12, "ABCxyz019+/-_="));
  }
}

TEST(Base64, OctetsComeBack) {
  RandomOctets random{2};
  for (int i = 0; i < 1000; ++i) {
    const std::string octets = random.text(100);

    EXPECT_EQ(as_text(from_base64(to_base64(as_bytes(octets))).value()), octets);
    EXPECT_EQ(as_text(from_base64url(to_base64url(as_bytes(octets))).value()), octets);
  }
}

}  // namespace
}  // namespace signet
