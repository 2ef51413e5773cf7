#include "signetctl/base64.h"

#include <gtest/gtest.h>

#include "tests/unit/random_octets.h"

namespace signet::ctl {
namespace {

struct Vector {
  const char* text;
  const char* base64;
};

TEST(Base64, AgreesWithRfc4648Section10) {
  for (const auto& [text, base64] :
       {Vector{"", ""}, Vector{"f", "Zg=="}, Vector{"fo", "Zm8="}, Vector{"foo", "Zm9v"}, Vector{"foob", "Zm9vYg=="},
        Vector{"fooba", "Zm9vYmE="}, Vector{"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(to_base64(as_bytes(text)), base64);
    const auto back = from_base64(base64);
    ASSERT_TRUE(back) << base64;
    EXPECT_EQ(as_text(*back), text);
  }
}

TEST(Base64, RefusesWhatIsNotCanonical) {
  for (const char* text : {"Zg", "Zg=", "Z===", "Zh==", "Zg==Zg==", "Zm9%", "=Zm9"})
    EXPECT_FALSE(from_base64(text)) << text;
}

TEST(Base64, IgnoresWhiteSpace) { EXPECT_EQ(from_base64(" Zm\n9v\n"), (Bytes{'f', 'o', 'o'})); }

TEST(Pem, ComesBackAsItWasInLinesOf64) {
  const Bytes der(100, 0x5a);

  const auto pem = to_pem("PUBLIC KEY", der);

  EXPECT_EQ(pem.find('\n', 27) - 27, 64u);
  EXPECT_EQ(from_pem("PUBLIC KEY", "some text before\n" + pem), der);
  EXPECT_FALSE(from_pem("CERTIFICATE", pem));
}

// Whatever it takes, it takes as the one text that stands for those octets.
void expect_canonical_or_nothing(std::string_view text) {
  const auto octets = from_base64(text);
  if (!octets) return;
  std::string digits{text};
  std::erase_if(digits, [](char c) { return std::string_view{" \n\r\t"}.find(c) != std::string_view::npos; });
  EXPECT_EQ(to_base64(*octets), digits);
}

TEST(Base64, TakesRandomOctetsOnlyWhereTheyAreBase64) {
  RandomOctets random{1};

  EXPECT_FALSE(from_base64(random.exactly(10'000)));
  for (int i = 0; i < kRandomStrings; ++i) {
    expect_canonical_or_nothing(random.text(64));
    expect_canonical_or_nothing(random.text(12, "ABCxyz019+/= \n"));
  }
}

TEST(Pem, SurvivesRandomOctetsAndDamage) {
  RandomOctets random{2};
  const auto pem = to_pem("PUBLIC KEY", as_bytes(random.exactly(91)));

  EXPECT_FALSE(from_pem("PUBLIC KEY", random.exactly(10'000)));
  for (int i = 0; i < kRandomStrings; ++i) {
    EXPECT_FALSE(from_pem("PUBLIC KEY", random.text(64)));
    const auto octets = from_pem("PUBLIC KEY", random.damaged(pem));
    EXPECT_TRUE(!octets || octets->size() <= 94u);  // four more digits
  }
}

}  // namespace
}  // namespace signet::ctl
