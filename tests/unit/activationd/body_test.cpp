#include "activationd/body.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/unit/random_octets.h"

namespace signet::activationd {
namespace {

Result<boost::json::object> parse(const std::string& body, const std::string& type = "application/json") {
  return body_of({.content_type = type, .body = body});
}

std::string error_of(const Result<void>& result) { return result ? "no error" : result.error().context; }

// What `read` says of the object in `text`.
template <class Read>
std::string judge(const std::string& text, Read read) {
  const auto object = parse(text);
  if (!object) return object.error().context;
  Members members{*object};
  read(members);
  return error_of(members.finish());
}

TEST(Body, TakesMembersAndIgnoresOthers) {
  const auto object = parse(R"({"a":"x","list":["y","z"],"other":[1,2,{"n":null}]})");
  ASSERT_TRUE(object) << object.error().context;
  std::string a;
  std::optional<std::string> missing;
  std::vector<std::string> list;

  Members members{*object};
  members.text("a", a, 1);
  members.optional_text("missing", missing, 1);
  members.optional_texts("list", list, 2, 1);

  EXPECT_TRUE(members.finish());
  EXPECT_EQ(a, "x");
  EXPECT_EQ(missing, std::nullopt);
  EXPECT_EQ(list, (std::vector<std::string>{"y", "z"}));
}

TEST(Body, AnErrorNamesTheMemberAndTheRule) {
  std::string text;
  std::vector<std::string> list;
  const auto read_a = [&](Members& members) { members.text("a", text, 3); };
  const auto read_list = [&](Members& members) { members.optional_texts("l", list, 2, 3); };

  EXPECT_EQ(judge("{}", read_a), "a: is required");
  EXPECT_EQ(judge(R"({"a":1})", read_a), "a: must be a string, not int64");
  EXPECT_EQ(judge(R"({"a":null})", read_a), "a: must be a string, not null");
  EXPECT_EQ(judge(R"({"a":"four"})", read_a), "a: 4 octets: at most 3 are allowed");
  EXPECT_EQ(judge(R"({"l":"x"})", read_list), "l: must be a list of 1 to 2 strings");
  EXPECT_EQ(judge(R"({"l":[]})", read_list), "l: must be a list of 1 to 2 strings");
  EXPECT_EQ(judge(R"({"l":["a","b","c"]})", read_list), "l: must be a list of 1 to 2 strings");
  EXPECT_EQ(judge(R"({"l":["a",true]})", read_list), "l[1]: must be a string, not bool");
  EXPECT_EQ(judge(R"({"l":["a","four"]})", read_list), "l[1]: 4 octets: at most 3 are allowed");
}

TEST(Body, RefusesWhatIsNotAnObject) {
  for (const char* text :
       {"", "[]", "\"a\"", "{", "{\"a\":}", "{} {}", "{'a':1}", "{\"a\":\"\xff\"}", "{\"a\":1,\"a\":2}"}) {
    const auto object = parse(text);
    ASSERT_FALSE(object) << text;
    EXPECT_EQ(object.error().code, Errc::invalid_argument);
    EXPECT_EQ(object.error().context.rfind("body: ", 0), 0U) << object.error().context;
  }
  EXPECT_NE(parse("{\"a\":1,\"a\":2}").error().context.find("\"a\" twice"), std::string::npos);
}

TEST(Body, RefusesDeepNesting) {
  EXPECT_FALSE(parse("{\"a\":" + std::string(60'000, '[')));
  EXPECT_FALSE(parse("{\"a\":" + std::string(20, '[') + std::string(20, ']') + "}"));
}

TEST(Body, TakesOneContentType) {
  for (const char* type : {"", "application/json", "Application/JSON ; charset=utf-8"})
    EXPECT_TRUE(parse("{}", type)) << type;
  for (const char* type : {"text/json", "application/jsonp"}) EXPECT_FALSE(parse("{}", type)) << type;
}

TEST(Body, SurvivesRandomOctets) {
  RandomOctets random{2};
  const std::string valid = R"({"model_id":"m","sns":["a","b"],"x":{"y":[1,2.5e3,true,null]}})";
  int refused = 0;
  for (int round = 0; round < kRandomStrings; ++round) {
    for (const auto& text : {random.text(64), random.damaged(valid, "{}[]\":,\\")}) {
      const auto object = parse(text);
      if (object) continue;
      ++refused;
      ASSERT_EQ(object.error().code, Errc::invalid_argument);
      ASSERT_EQ(object.error().context.rfind("body: ", 0), 0U);
    }
  }
  EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace signet::activationd
