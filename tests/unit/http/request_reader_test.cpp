#include "http/request_reader.h"

#include <gtest/gtest.h>

#include "tests/unit/random_octets.h"

namespace signet::http {
namespace {

using Stage = RequestReader::Stage;

const std::string kHost = "Host: h\r\n";

// Feeds all of `octets`, as a connection does, until a request is complete or has failed.
struct Read {
  explicit Read(const std::string& octets, const Limits& limits = {}, std::string_view field = {})
      : reader{limits, field} {
    while (reader.stage() == Stage::head || reader.stage() == Stage::body) {
      const auto before = reader.stage();
      const auto more = reader.feed(std::string_view{octets}.substr(taken));
      taken += more;
      if (more == 0 && reader.stage() == before) break;
    }
  }
  [[nodiscard]] int failure() const { return reader.stage() == Stage::failed ? reader.failure().status : 0; }

  RequestReader reader;
  std::size_t taken = 0;
};

TEST(RequestReader, TakesARequestApart) {
  const std::string text =
      "POST /a?b=c HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer x.y\r\ncontent-type: application/json\r\n"
      "Content-Length: 4\r\n\r\nbodyGET ";
  Read read{text};

  ASSERT_EQ(read.reader.stage(), Stage::complete);
  EXPECT_EQ(read.taken, text.size() - 4);
  EXPECT_EQ(read.reader.request().method, Method::post);
  EXPECT_EQ(read.reader.request().target, "/a?b=c");
  EXPECT_EQ(read.reader.request().authorization, "Bearer x.y");
  EXPECT_EQ(read.reader.request().content_type, "application/json");
  EXPECT_EQ(read.reader.request().body, "body");
  EXPECT_TRUE(read.reader.request().keep_alive);
}

TEST(RequestReader, IsTheSameOctetByOctet) {
  const std::string text =
      "PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  RequestReader reader{{}};
  std::string waiting;
  for (const char octet : text) {
    waiting += octet;
    waiting.erase(0, reader.feed(waiting));
    waiting.erase(0, reader.feed(waiting));
  }

  ASSERT_EQ(reader.stage(), Stage::complete);
  EXPECT_EQ(reader.request().body, "abcde");
  EXPECT_TRUE(waiting.empty());
}

TEST(RequestReader, ReadsOneRequestAfterTheOther) {
  const std::string text =
      "GET /1 HTTP/1.1\r\n" + kHost + "Authorization: Bearer a\r\n\r\nGET /2 HTTP/1.1\r\n" + kHost + "\r\n";
  RequestReader reader{{}};
  const auto first = reader.feed(text);
  ASSERT_EQ(reader.stage(), Stage::complete);
  EXPECT_EQ(reader.request().target, "/1");

  reader.next();
  reader.feed(std::string_view{text}.substr(first));

  ASSERT_EQ(reader.stage(), Stage::complete);
  EXPECT_EQ(reader.request().target, "/2");
  EXPECT_EQ(reader.request().authorization, "");
}

TEST(RequestReader, StopsAtTheEndOfTheHead) {
  RequestReader reader{{}};
  const std::string text = "POST / HTTP/1.1\r\n" + kHost + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab";

  const auto head = reader.feed(text);

  EXPECT_EQ(head, text.size() - 2);
  EXPECT_EQ(reader.stage(), Stage::body);
  EXPECT_TRUE(reader.awaits_continue());
  reader.feed("a");
  EXPECT_FALSE(reader.awaits_continue());
}

TEST(RequestReader, KnowsWhenTheConnectionIsOver) {
  EXPECT_FALSE(Read{"GET / HTTP/1.1\r\n" + kHost + "Connection: close\r\n\r\n"}.reader.request().keep_alive);
  EXPECT_FALSE(Read{"GET / HTTP/1.0\r\n\r\n"}.reader.request().keep_alive);
  EXPECT_TRUE(Read{"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"}.reader.request().keep_alive);
}

TEST(RequestReader, TakesAnAbsoluteTarget) {
  EXPECT_EQ(Read{"GET https://h/a?b HTTP/1.1\r\n" + kHost + "\r\n"}.reader.request().target, "/a?b");
  EXPECT_EQ(Read{"GET http://h HTTP/1.1\r\n" + kHost + "\r\n"}.reader.request().target, "/");
  EXPECT_EQ(Read{"GET a HTTP/1.1\r\n" + kHost + "\r\n"}.failure(), 400);
  EXPECT_EQ(Read{"OPTIONS * HTTP/1.1\r\n" + kHost + "\r\n"}.failure(), 400);
}

TEST(RequestReader, HoldsItsLimits) {
  const std::string head = "GET / HTTP/1.1\r\n" + kHost + "X: ";
  EXPECT_EQ(Read{head + std::string(16 * 1024, 'x')}.failure(), 431);
  EXPECT_EQ(Read{"GET /" + std::string(1024 * 1024, 'x')}.failure(), 431);
  EXPECT_EQ(Read{head + std::string(16 * 1024, 'x') + "\r\n\r\n"}.failure(), 431);
  EXPECT_EQ(Read{head + std::string(15 * 1024, 'x') + "\r\n\r\n"}.reader.stage(), Stage::complete);

  const std::string post = "POST / HTTP/1.1\r\n" + kHost;
  EXPECT_EQ(Read{post + "Content-Length: 65537\r\n\r\n"}.failure(), 413);
  EXPECT_EQ(Read{post + "Content-Length: 65536\r\n\r\n" + std::string(65536, 'x')}.reader.stage(), Stage::complete);
  EXPECT_EQ(Read{post + "Transfer-Encoding: chunked\r\n\r\n10001\r\n" + std::string(65537, 'x')}.failure(), 413);
  std::string chunks;
  for (int i = 0; i < 33; ++i) chunks += "800\r\n" + std::string(2048, 'x') + "\r\n";
  EXPECT_EQ(Read{post + "Transfer-Encoding: chunked\r\n\r\n" + chunks}.failure(), 413);
}

// What lets two readers of one stream see different requests (RFC 9112 section 11.2), and what is simply wrong.
TEST(RequestReader, RefusesWhatIsAmbiguousOrWrong) {
  const std::string post = "POST / HTTP/1.1\r\n" + kHost;
  const std::pair<std::string, int> cases[] = {
      {post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n", 400},
      {post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\na", 400},
      {post + "Content-Length: -1\r\n\r\n", 400},
      {post + "Content-Length: 1x\r\n\r\n", 400},
      {post + "Content-Length: 99999999999999999999\r\n\r\n", 400},
      {post + "Content-Length : 1\r\n\r\na", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {post + "Host: other\r\n\r\n", 400},
      {post + "Authorization: a\r\nAuthorization: b\r\n\r\n", 400},
      {post + "Content-Type: a\r\nContent-Type: b\r\n\r\n", 400},
      {post + "Expect: a-miracle\r\n\r\n", 417},
      {post + "X\x01: 1\r\n\r\n", 400},
      {post + "X: a\nb\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\n" + kHost + "\r\n", 505},
      {"GET / HTTP/0.9\r\n\r\n", 505},
      {"GET /a b HTTP/1.1\r\n" + kHost + "\r\n", 505},
      {"GET  / HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"GET / FTP/1.1\r\n" + kHost + "\r\n", 505},
      {"\x16\x03\x01\x02\x01\x01\xfc\x03\x03\r\n\r\n", 400},
      {std::string("GET /\0 HTTP/1.1\r\n", 17) + kHost + "\r\n", 400},
  };
  for (const auto& [text, status] : cases) EXPECT_EQ(Read{text}.failure(), status) << text;
}

TEST(RequestReader, ATrailerIsNotPartOfTheHead) {
  Read read{"POST / HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: Bearer x\r\n\r\n"};

  ASSERT_EQ(read.reader.stage(), Stage::complete);
  EXPECT_EQ(read.reader.request().authorization, "");
}

TEST(RequestReader, BelievesTheAddressOfTheProxyOnly) {
  const std::string text =
      "GET / HTTP/1.1\r\n" + kHost + "X-Forwarded-For: 192.0.2.9, 192.0.2.1\r\nX-Real-IP: nonsense\r\n\r\n";

  EXPECT_EQ(Read(text, {}, "x-forwarded-for").reader.request().peer, "192.0.2.1");
  EXPECT_EQ(Read(text, {}, "X-Real-IP").reader.request().peer, "");
  EXPECT_EQ(Read(text).reader.request().peer, "");
}

TEST(RequestReader, SurvivesRandomOctets) {
  RandomOctets random{4};
  const std::string valid =
      "POST /v1/x?a=b HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer a.b\r\nContent-Length: 3\r\n\r\nabc";
  const std::string chunked =
      "PUT /v1/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\n";
  int failed = 0;
  int complete = 0;
  for (int round = 0; round < kRandomStrings; ++round) {
    for (const auto& text : {random.text(128), random.damaged(valid, "\r\n: /"), random.damaged(chunked, "\r\n: ;0")}) {
      const Read read{text};
      ASSERT_LE(read.taken, text.size());
      failed += read.reader.stage() == Stage::failed ? 1 : 0;
      complete += read.reader.stage() == Stage::complete ? 1 : 0;
    }
  }
  EXPECT_GT(failed, 1000);
  EXPECT_GT(complete, 1000);
}

}  // namespace
}  // namespace signet::http
