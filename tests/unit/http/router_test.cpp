#include "http/router.h"

#include <gtest/gtest.h>

#include "tests/unit/random_octets.h"

namespace signet::http {
namespace {

Router router() {
  return Router{{{Method::get, "/things", {}},
                 {Method::post, "/things", {}},
                 {Method::get, "/things/{id}", {}},
                 {Method::post, "/things/{id}/parts/{part}", {}}}};
}

Request request(Method method, std::string target) { return {.method = method, .target = std::move(target)}; }

int missed(Method method, const std::string& target) {
  const auto asked = request(method, target);
  const auto found = router().find(asked);
  const auto* miss = std::get_if<Router::Missed>(&found);
  return miss == nullptr ? 0 : miss->reply.status;
}

TEST(Router, FindsARouteByMethodAndPath) {
  const auto first = request(Method::post, "/things");
  const auto second = request(Method::post, "/things/a%2Fb/parts/7?x=1&y=a%20b&z");

  const auto found = router().find(first);
  const auto deeper = router().find(second);

  ASSERT_TRUE(std::holds_alternative<Router::Found>(found));
  EXPECT_EQ(std::get<Router::Found>(found).route, 1U);
  ASSERT_TRUE(std::holds_alternative<Router::Found>(deeper));
  const auto& match = std::get<Router::Found>(deeper);
  EXPECT_EQ(match.route, 3U);
  EXPECT_EQ(match.call.parts, (std::vector<std::string>{"a/b", "7"}));
  EXPECT_EQ(match.call.query, (std::map<std::string, std::string>{{"x", "1"}, {"y", "a b"}, {"z", ""}}));
}

TEST(Router, HeadIsGet) {
  const auto head = request(Method::head, "/things/7");
  const auto found = router().find(head);

  ASSERT_TRUE(std::holds_alternative<Router::Found>(found));
  EXPECT_EQ(std::get<Router::Found>(found).route, 2U);
}

TEST(Router, AnotherMethodIsToldWhichThereAre) {
  const auto asked = request(Method::put, "/things");
  const auto found = router().find(asked);

  const auto* miss = std::get_if<Router::Missed>(&found);
  ASSERT_NE(miss, nullptr);
  EXPECT_EQ(miss->reply.status, 405);
  EXPECT_EQ(miss->reply.fields, "Allow: GET, HEAD, POST\r\n");
  EXPECT_EQ(missed(Method::other, "/things"), 405);
}

TEST(Router, WhatIsNotThereIsNotFound) {
  for (const char* target : {"/", "//", "/things/", "/thing", "/things/7/parts", "/things/7/parts/", "/Things",
                             "/things/7/", "/%74hings", "/things?/7/parts/1/2", "/./things"}) {
    const int status = missed(Method::get, target);
    EXPECT_TRUE(status == 404 || std::string_view{target} == "/things?/7/parts/1/2") << target << " " << status;
  }
}

TEST(Router, WhatCannotBeDecodedIsRefused) {
  for (const char* target : {"/things/%", "/things/%4", "/things/%zz", "/things/a%00b", "/things?a=%", "/things?%=1",
                             "/things?a=1&a=2", "/things?&"}) {
    EXPECT_EQ(missed(Method::get, target), 400) << target;
  }
}

TEST(Router, SurvivesRandomOctets) {
  RandomOctets random{3};
  const auto routes = router();
  int hits = 0;
  for (int round = 0; round < kRandomStrings; ++round) {
    for (auto target : {"/" + random.text(32), "/" + random.damaged("things/a%2Fb?x=1&y=2", "%/?&={}")}) {
      const auto asked = request(Method::get, std::move(target));
      const auto found = routes.find(asked);
      if (const auto* miss = std::get_if<Router::Missed>(&found)) {
        ASSERT_TRUE(miss->reply.status == 404 || miss->reply.status == 405 || miss->reply.status == 400);
      } else {
        ++hits;
      }
    }
  }
  EXPECT_GT(hits, 100);
}

}  // namespace
}  // namespace signet::http
