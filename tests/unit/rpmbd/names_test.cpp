#include "rpmbd/names.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/random_octets.h"

namespace signet::rpmbd {
namespace {

TEST(Names, TakeLettersDigitsDotUnderscoreAndDash) {
  EXPECT_TRUE(check_name("object", "Az09._-"));
  EXPECT_TRUE(check_name("object", std::string(64, 'a')));
  EXPECT_TRUE(check_namespace(std::string(32, 'a')));
  EXPECT_TRUE(check_prefix(""));
}

TEST(Names, RefuseWhatIsEmptyTooLongOrHidden) {
  for (const auto& name : {std::string{}, std::string(65, 'a'), std::string{".hidden"}, std::string{".."}}) {
    const auto checked = check_name("object", name);

    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().code, Errc::invalid_argument);
  }
  EXPECT_FALSE(check_namespace(""));
  EXPECT_FALSE(check_namespace(std::string(33, 'a')));
}

TEST(Names, TakeRandomOctetsByTheRuleAlone) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  RandomOctets random{1};
  for (int i = 0; i < kRandomStrings; ++i) {
    for (const auto& name : {random.text(6), random.text(80, kAllowed), random.damaged(random.text(40, kAllowed))}) {
      const bool octets = name.find_first_not_of(kAllowed) == std::string::npos && !name.starts_with('.');

      ASSERT_EQ(check_name("object", name).has_value(), octets && !name.empty() && name.size() <= 64) << name;
      ASSERT_EQ(check_namespace(name).has_value(), octets && !name.empty() && name.size() <= 32) << name;
      ASSERT_EQ(check_prefix(name).has_value(), octets && name.size() <= 64) << name;
    }
  }
}

TEST(Names, RefuseEveryOtherOctetAndSayWhere) {
  for (int octet = 0; octet < 256; ++octet) {
    const char c = static_cast<char>(octet);
    const bool allowed = std::isalnum(octet) != 0 || c == '.' || c == '_' || c == '-';

    EXPECT_EQ(check_name("key", std::string{"a"} + c).has_value(), allowed && octet < 128) << octet;
  }
  EXPECT_NE(check_name("key", "ab/c").error().context.find("0x2f at position 2"), std::string::npos);
}

}  // namespace
}  // namespace signet::rpmbd
