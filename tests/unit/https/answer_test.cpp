#include "https/answer.h"

#include <gtest/gtest.h>

#include "tests/unit/random_octets.h"

namespace signet::https {
namespace {

constexpr const char* kHost = "registrar.example";

Answer problem(int status, std::string body) {
  return {.status = status, .content_type = "application/problem+json", .body = std::move(body), .clock_ahead = {}};
}

TEST(Refusal, TakesCodeDetailAndReasonFromTheProblem) {
  const auto error =
      refusal(problem(403, R"({"code":51,"detail":"blocked since May","reason":"emulated_chip"})"), kHost);

  EXPECT_EQ(error.code, Errc::blocked);
  EXPECT_EQ(error.context, "blocked since May (emulated_chip)");
}

TEST(Refusal, HasTheWordsOfTheCodeWhereTheProblemHasNone) {
  EXPECT_EQ(refusal(problem(404, R"({"code":4})"), kHost).context, "there is nothing by that name");
}

TEST(Refusal, WithoutAProblemIsJudgedByItsStatus) {
  const auto plain = [](int status) { return refusal({.status = status, .content_type = "text/html"}, kHost).code; };

  EXPECT_EQ(plain(302), Errc::net_http);
  EXPECT_EQ(plain(401), Errc::access_denied);
  EXPECT_EQ(plain(404), Errc::net_http);
  EXPECT_EQ(plain(429), Errc::rate_limited);
  EXPECT_EQ(plain(503), Errc::net_http);
}

TEST(Refusal, OfAnotherContentTypeIsNoProblem) {
  EXPECT_EQ(refusal({.status = 403, .content_type = "application/json", .body = R"({"code":51})"}, kHost).code,
            Errc::access_denied);
}

TEST(Refusal, CountsAClockThatIsOffOnlyAboveAMinute) {
  auto answer = problem(400, R"({"code":50,"detail":"iat"})");
  answer.clock_ahead = std::chrono::seconds{60};
  EXPECT_EQ(refusal(answer, kHost).code, Errc::ticket_invalid);

  answer.clock_ahead = std::chrono::seconds{-61};
  const auto error = refusal(answer, kHost);
  EXPECT_EQ(error.code, Errc::clock_skew);
  EXPECT_NE(error.context.find("61 s behind"), std::string::npos);
}

TEST(Refusal, CutsALongDetailAtACharacter) {
  const auto error =
      refusal(problem(400, R"({"code":3,"detail":")" + std::string(499, 'x') + "\u00e9\u00e9\"}"), kHost);

  EXPECT_EQ(error.context, std::string(499, 'x'));
}

TEST(Json, WantsAnObjectOfTheRightType) {
  EXPECT_TRUE(json_of({.status = 200, .content_type = "application/json", .body = "{}"}, kHost));
  for (const char* body : {"", "[]", "1", "{", "{}{}", "nul"}) {
    const auto json = json_of({.status = 200, .content_type = "application/json", .body = body}, kHost);
    ASSERT_FALSE(json) << body;
    EXPECT_EQ(json.error().code, Errc::net_http);
  }
  EXPECT_FALSE(json_of({.status = 200, .content_type = "text/html", .body = "{}"}, kHost));
}

TEST(Json, DeepNestingIsRefused) {
  const auto body = R"({"a":)" + std::string(5000, '[') + std::string(5000, ']') + "}";

  EXPECT_FALSE(json_of({.status = 200, .content_type = "application/json", .body = body}, kHost));
}

TEST(Json, NamesTheMemberThatIsMissing) {
  const boost::json::object object{{"id", 5}};

  const auto text = text_member(object, "id", kHost);

  ASSERT_FALSE(text);
  EXPECT_NE(text.error().context.find("\"id\""), std::string::npos);
}

bool fit_for_a_terminal(const std::string& text) {
  return text.size() < 2000 && std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20; });
}

TEST(Refusal, OfRandomOctetsHasACodeAndIsFitForATerminal) {
  RandomOctets random{1};
  const std::string valid = R"({"type":"about:blank","status":403,"code":51,"detail":"a\u001bb","reason":"r"})";

  EXPECT_EQ(refusal(problem(400, random.exactly(10'000)), kHost).code, Errc::net_http);
  for (int i = 0; i < kRandomStrings; ++i) {
    for (const auto& body : {random.text(64), random.damaged(valid, "{}[]\",:0123456789")}) {
      const auto error = refusal(problem(400, body), kHost);
      EXPECT_TRUE(fit_for_a_terminal(error.context)) << body;
    }
  }
}

}  // namespace
}  // namespace signet::https
