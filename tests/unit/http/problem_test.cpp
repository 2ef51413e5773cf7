#include "http/problem.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace signet::http {
namespace {

namespace json = boost::json;

TEST(Problem, SaysWhatRfc9457AndTheListOfErrorsSay) {
  const auto reply = problem({Errc::sn_ticket_invalid, "sn_ticket: expired"});

  EXPECT_EQ(reply.status, 400);
  EXPECT_STREQ(reply.type, "application/problem+json");
  EXPECT_EQ(json::parse(reply.body), (json::value{{"type", "about:blank"},
                                                  {"title", "Bad Request"},
                                                  {"status", 400},
                                                  {"detail", "sn_ticket: expired"},
                                                  {"code", 49},
                                                  {"name", "sn_ticket_invalid"},
                                                  {"category", "fix_request"}}));
}

TEST(Problem, HasTheReasonOfThePolicy) {
  const auto reply = problem({Errc::blocked, "counter_backwards: seen 7 before"}, "counter_backwards");

  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(json::parse(reply.body).at("reason"), "counter_backwards");
}

TEST(Problem, TakesAnotherStatus) {
  const auto reply = problem({Errc::access_denied, "no credential"}, 401);

  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(json::parse(reply.body).at("title"), "Unauthorized");
  EXPECT_EQ(json::parse(reply.body).at("status"), 401);
}

TEST(Problem, ABugTellsTheClientNothing) {
  const auto reply = problem({Errc::internal, "vector::_M_range_check in /home/somebody"});

  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.body.find("somebody"), std::string::npos);
}

TEST(Problem, EveryErrorHasAStatusWithAName) {
  int errors = 0;
  for (int code = 0; code < 256; ++code) {
    const auto known = from_code(code);
    if (!known) continue;
    ++errors;
    const int status = status_of(*known);
    EXPECT_GE(status, 400) << name(*known);
    EXPECT_LT(status, 600) << name(*known);
    EXPECT_NE(reason_phrase(status), "Unnamed") << status;
    if (category(*known) == Category::retry && status < 500) {
      EXPECT_TRUE(status == 429 || status == 409) << name(*known);
    }
  }
  EXPECT_GT(errors, 50);
}

}  // namespace
}  // namespace signet::http
