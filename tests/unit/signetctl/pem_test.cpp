#include "signetctl/pem.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "tests/unit/random_octets.h"

namespace signet::ctl {
namespace {

TEST(Base64Lines, IgnoresWhiteSpaceAndNothingElse) {
  EXPECT_EQ(from_base64_lines(" Zm\n9v\r\n\t"), (Bytes{'f', 'o', 'o'}));
  for (const char* text : {"Zg", "Zg =", "Zh==", "Zm9%", "Zm9v,"}) EXPECT_FALSE(from_base64_lines(text)) << text;
}

TEST(Base64Lines, TakesRandomOctetsOnlyWhereTheyAreBase64) {
  RandomOctets random{1};

  EXPECT_FALSE(from_base64_lines(random.exactly(10'000)));
  for (int i = 0; i < kRandomStrings; ++i) {
    std::string text = random.text(12, "ABCxyz019+/= \n");
    const auto octets = from_base64_lines(text);
    if (!octets) continue;
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    EXPECT_EQ(to_base64(*octets), text);
  }
}

TEST(Pem, ComesBackAsItWasInLinesOf64) {
  const Bytes der(100, 0x5a);

  const auto pem = to_pem("PUBLIC KEY", der);

  EXPECT_EQ(pem.find('\n', 27) - 27, 64u);
  EXPECT_EQ(from_pem("PUBLIC KEY", "some text before\n" + pem), der);
  EXPECT_FALSE(from_pem("CERTIFICATE", pem));
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
