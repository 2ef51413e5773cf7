#include "jose/strict_json.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "jose/members.h"
#include "tests/unit/random_octets.h"

namespace signet::jose {
namespace {

namespace json = boost::json;

std::string refusal(std::string_view text) {
  auto object = parse_json_object(text);
  if (object) return "taken";
  EXPECT_EQ(object.error().code, Errc::invalid_argument);
  return object.error().context;
}

TEST(StrictJson, TakesAnObject) {
  auto object = parse_json_object(R"( {"a": [1, {"b": null}, {"b": 2}], "c": {"a": "x"}} )");

  ASSERT_TRUE(object);
  EXPECT_EQ(json::serialize(json::value(*object)), R"({"a":[1,{"b":null},{"b":2}],"c":{"a":"x"}})");
}

TEST(StrictJson, RefusesAMemberThatOccursTwice) {
  EXPECT_EQ(refusal(R"({"aud": 1, "aud": 1})"), R"(has the member "aud" twice)");
  EXPECT_EQ(refusal(R"({"aud": 1, "a\u0075d": 2})"), R"(has the member "aud" twice)");
  EXPECT_EQ(refusal(R"({"x": [{"y": {"a": 1, "b": 2, "a": 3}}]})"), R"(has the member "a" twice)");
  EXPECT_EQ(refusal(R"({"": 1, "": 1})"), R"(has the member "" twice)");
  const std::string long_name(5000, 'n');
  EXPECT_TRUE(refusal("{\"" + long_name + "\": 1, \"" + long_name + "\": 2}").ends_with(" twice"));
}

TEST(StrictJson, RefusesWhatIsNotAnObject) {
  for (const char* text : {"[]", "1", "\"{}\"", "null"}) EXPECT_EQ(refusal(text), "is not an object") << text;
}

TEST(StrictJson, RefusesWhatIsNotJson) {
  for (const char* text : {"", "{", "{}}", "{} {}", "{\"a\":1,}", "{'a':1}", "{\"a\":01}", "{\"a\":NaN}", "{/**/}",
                           "{\"a\":\"\xff\"}", "{\"a\":\"\xc0\xaf\"}", "{\"a\":\"\n\"}", "\xef\xbb\xbf{}"}) {
    EXPECT_TRUE(refusal(text).starts_with("is not JSON: ")) << text;
  }
  EXPECT_TRUE(refusal(std::string_view{"{}\0", 3}).starts_with("is not JSON: "));
}

TEST(StrictJson, RefusesDeepNesting) {
  auto nested = [](std::size_t depth) {
    return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };

  EXPECT_EQ(refusal(nested(kMaxJsonDepth)), "taken");
  EXPECT_TRUE(refusal(nested(kMaxJsonDepth + 1)).starts_with("is not JSON: "));
  EXPECT_TRUE(refusal(nested(30'000)).starts_with("is not JSON: "));
}

TEST(StrictJson, AMemberIsFoundAsItStandsInTheText) {
  constexpr std::string_view kText = R"({"a,}": "x\"}," , "b" :  { "c":[1,2 ] }  ,"d":0.10})";
  const json::object object = parse_json_object(kText).value();
  ASSERT_EQ(object.size(), 3u);

  EXPECT_EQ(raw_member(kText, 0), R"("x\"},")");
  EXPECT_EQ(raw_member(kText, 1), R"({ "c":[1,2 ] })");
  EXPECT_EQ(raw_member(kText, 2), "0.10");
  EXPECT_EQ(raw_member(kText, 3), "");
}

TEST(StrictJson, RandomOctetsAreHandled) {
  RandomOctets random{1};
  const std::string good = R"({"a\u0062":[1,-2.5e3,{"b":null}],"c":{"a":"x\"\\"},"d":true})";
  constexpr std::string_view kJson = R"({}[]",:0123456789abcdef-.\tn)";

  for (int i = 0; i < kRandomStrings; ++i) {
    EXPECT_NE(refusal(random.text(100)), "taken");
    EXPECT_FALSE(refusal(random.text(30, kJson)).empty());
    const std::string damaged = random.damaged(good, kJson);
    const auto object = parse_json_object(damaged);
    if (!object) continue;
    std::size_t index = 0;
    for (const auto& member : *object) {
      const json::value again = json::parse(std::string{raw_member(damaged, index++)});
      EXPECT_EQ(json::serialize(again), json::serialize(member.value())) << damaged;
    }
  }
}

// ---- members ----

class MembersTest : public testing::Test {
 protected:
  template <class T>
  static std::string refusal(const Result<T>& result) {
    return result ? "taken" : result.error().context;
  }

  json::object object_ =
      parse_json_object(R"({"text":"x","number":7,"negative":-1,"fraction":7.0,"large":18446744073709551615,
    "octets":"AAECAw","spare":"AAECAx","inner":{"number":"7"},"nothing":null})")
          .value();
  Members members_{object_};
};

TEST_F(MembersTest, AreReadAsWhatTheyAre) {
  EXPECT_EQ(members_.text("text").value(), "x");
  EXPECT_EQ(members_.optional_text("text").value(), "x");
  EXPECT_EQ(members_.optional_text("absent").value(), std::nullopt);
  EXPECT_EQ(members_.number("number", 7).value(), 7u);
  EXPECT_EQ(members_.number("large", UINT64_MAX).value(), UINT64_MAX);
  EXPECT_EQ(members_.octets("octets", 1, 4).value(), (Bytes{0, 1, 2, 3}));
  EXPECT_EQ(members_.octets<4>("octets").value(), (std::array<std::uint8_t, 4>{0, 1, 2, 3}));
  EXPECT_TRUE(members_.object("inner").value().contains("number"));
}

TEST_F(MembersTest, AnErrorNamesTheMemberAndTheRule) {
  EXPECT_EQ(refusal(members_.text("absent")), "absent: is missing");
  EXPECT_EQ(refusal(members_.text("nothing")), "nothing: must be a string");
  EXPECT_EQ(refusal(members_.optional_text("number")), "number: must be a string");
  EXPECT_EQ(refusal(members_.number("number", 6)), "number: must be a whole number from 0 to 6");
  for (const char* name : {"negative", "fraction", "text", "large"}) {
    EXPECT_EQ(refusal(members_.number(name, 9)), std::string{name} + ": must be a whole number from 0 to 9");
  }
  EXPECT_EQ(refusal(members_.octets("octets", 5, 6)), "octets: must be base64url of 5 to 6 octets");
  EXPECT_EQ(refusal(members_.octets<3>("octets")), "octets: must be base64url of 3 octets");
  EXPECT_EQ(refusal(members_.octets<4>("spare")), "spare: must be base64url of 4 octets");
  EXPECT_EQ(refusal(members_.object("inner").value().number("number", 9)),
            "inner.number: must be a whole number from 0 to 9");
}

}  // namespace
}  // namespace signet::jose
