#include "http/reply.h"

#include <gtest/gtest.h>

namespace signet::http {
namespace {

std::string written(const Reply& reply, bool keep_alive, bool head_only) {
  std::string out;
  write_reply(reply, "DATE", keep_alive, head_only, out);
  return out;
}

TEST(Reply, IsWrittenWithLengthDateAndCachingRule) {
  EXPECT_EQ(written({.status = 201, .body = "{}", .fields = {}}, true, false),
            "HTTP/1.1 201 Created\r\nDate: DATE\r\nContent-Length: 2\r\nContent-Type: application/json\r\n"
            "Cache-Control: no-store\r\n\r\n{}");
}

TEST(Reply, ToHeadHasTheLengthAndNoBody) {
  EXPECT_EQ(written({.type = "text/plain", .body = "abc", .fields = {}, .no_store = false}, false, true),
            "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 3\r\nContent-Type: text/plain\r\n"
            "Connection: close\r\n\r\n");
}

TEST(Reply, WithoutContentHasNoLength) {
  Reply reply{.status = 204, .body = {}, .fields = {}};
  reply.with("Allow", "GET");

  EXPECT_EQ(written(reply, true, false),
            "HTTP/1.1 204 No Content\r\nDate: DATE\r\nCache-Control: no-store\r\nAllow: GET\r\n\r\n");
}

TEST(HttpDate, IsThatOfTheStandardsExample) {  // RFC 9110 section 5.6.7
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(951827696), "Tue, 29 Feb 2000 12:34:56 GMT");
}

}  // namespace
}  // namespace signet::http
