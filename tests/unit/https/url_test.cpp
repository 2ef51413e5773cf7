#include "https/url.h"

#include <gtest/gtest.h>

#include "tests/unit/random_octets.h"

namespace signet::https {
namespace {

TEST(Origin, LosesTheSlashesAtItsEnd) {
  const auto origin = parse_origin("https://registrar.example:8443/signet//");

  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->base, "https://registrar.example:8443/signet");
  EXPECT_EQ(origin->host, "registrar.example");
  EXPECT_TRUE(origin->encrypted);
}

TEST(Origin, IsPlainHttpOnThisMachineOnly) {
  for (const char* url : {"http://localhost:8080", "http://127.0.0.1", "http://127.1.2.3:80", "http://[::1]:8080"}) {
    const auto origin = parse_origin(url);
    ASSERT_TRUE(origin) << url;
    EXPECT_FALSE(origin->encrypted);
  }
  for (const char* url : {"http://registrar.example", "http://127.0.0.1.example", "http://localhost.evil.example",
                          "http://10.0.0.1", "http://[::2]"}) {
    EXPECT_FALSE(parse_origin(url)) << url;
  }
}

TEST(Origin, RefusesWhatIsNoPlaceOfARegistrarAndNamesTheRule) {
  for (const char* url :
       {"", "registrar.example", "https://", "ftp://registrar.example", "https://a:b@registrar.example",
        "https://registrar.example/?a=b", "https://registrar.example/#top", "https://a b"}) {
    const auto origin = parse_origin(url);
    ASSERT_FALSE(origin) << url;
    EXPECT_EQ(origin.error().code, Errc::invalid_argument);
    EXPECT_NE(origin.error().context.find("\": "), std::string::npos);
  }
}

TEST(Origin, SurvivesRandomOctets) {
  RandomOctets random{1};

  EXPECT_FALSE(parse_origin(random.exactly(10'000)));
  for (int i = 0; i < kRandomStrings; ++i) {
    const auto origin = parse_origin(random.damaged("https://registrar.example:8443/signet", "/:?#@[]"));
    EXPECT_TRUE(!origin || origin->base.starts_with("http"));
  }
}

TEST(Escaped, LeavesNothingThatMeansSomethingInAUrl) {
  EXPECT_EQ(escaped("a/b?c&d=e f"), "a%2Fb%3Fc%26d%3De%20f");
  EXPECT_EQ(escaped(""), "");
  EXPECT_EQ(escaped("AZaz09-_.~"), "AZaz09-_.~");
}

}  // namespace
}  // namespace signet::https
