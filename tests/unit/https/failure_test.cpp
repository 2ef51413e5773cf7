#include "https/failure.h"

#include <curl/curl.h>
#include <gtest/gtest.h>

namespace signet::https {
namespace {

Error judged(int code, Stage stage, long verdict = 0) {
  return judge_failure({.curl_code = code,
                        .stage = stage,
                        .host = "registrar.example",
                        .reason = "libcurl's words",
                        .certificate_verdict = verdict,
                        .timeout = std::chrono::seconds{1}});
}

struct Row {
  int code;
  Stage stage;
  Errc expected;
};

TEST(Failure, OfEveryStageHasItsOwnError) {
  for (const auto& [code, stage, expected] :
       {Row{CURLE_COULDNT_RESOLVE_HOST, Stage::resolving, Errc::net_dns},
        Row{CURLE_COULDNT_RESOLVE_PROXY, Stage::resolving, Errc::net_dns},
        Row{CURLE_COULDNT_CONNECT, Stage::connecting, Errc::net_connect},
        Row{CURLE_PEER_FAILED_VERIFICATION, Stage::securing, Errc::net_tls},
        Row{CURLE_SSL_CACERT_BADFILE, Stage::securing, Errc::net_tls},
        Row{CURLE_RECV_ERROR, Stage::securing, Errc::net_tls}, Row{CURLE_GOT_NOTHING, Stage::asking, Errc::net_http},
        Row{CURLE_PARTIAL_FILE, Stage::answering, Errc::net_http},
        Row{CURLE_UNSUPPORTED_PROTOCOL, Stage::answering, Errc::net_http},
        Row{CURLE_OPERATION_TIMEDOUT, Stage::resolving, Errc::net_dns},
        Row{CURLE_OPERATION_TIMEDOUT, Stage::connecting, Errc::net_connect},
        Row{CURLE_OPERATION_TIMEDOUT, Stage::securing, Errc::timeout},
        Row{CURLE_OPERATION_TIMEDOUT, Stage::asking, Errc::timeout},
        Row{CURLE_OPERATION_TIMEDOUT, Stage::answering, Errc::timeout}}) {
    const auto error = judged(code, stage);
    EXPECT_EQ(error.code, expected) << code << " at " << static_cast<int>(stage);
    EXPECT_FALSE(error.context.empty());
  }
}

TEST(Failure, OfEveryNumberThatLibcurlMayGiveHasWords) {
  for (int code = 1; code < CURL_LAST; ++code) {
    for (const auto stage : {Stage::resolving, Stage::connecting, Stage::securing, Stage::asking, Stage::answering}) {
      EXPECT_FALSE(judged(code, stage).context.empty()) << code;
    }
  }
}

TEST(Failure, ACertificateOfAnotherTimePointsAtTheClock) {
  constexpr long kNotYetValid = 9;
  constexpr long kExpired = 10;
  constexpr long kUnknownIssuer = 20;

  EXPECT_EQ(judged(CURLE_PEER_FAILED_VERIFICATION, Stage::securing, kNotYetValid).code, Errc::clock_skew);
  EXPECT_EQ(judged(CURLE_PEER_FAILED_VERIFICATION, Stage::securing, kExpired).code, Errc::clock_skew);
  EXPECT_EQ(judged(CURLE_PEER_FAILED_VERIFICATION, Stage::securing, kUnknownIssuer).code, Errc::net_tls);
}

}  // namespace
}  // namespace signet::https
