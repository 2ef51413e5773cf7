#include "activationd/metrics.h"

#include <gtest/gtest.h>

namespace signet::activationd {
namespace {

TEST(ActivationdMetrics, HaveRequestsTimesAndFindings) {
  const std::vector<http::Route> routes{{http::Method::get, "/a/{x}", {}}, {http::Method::post, "/b", {}}};
  http::RequestCounters requests{3};
  requests.count(0, 200, std::chrono::milliseconds{3});
  requests.count(0, 200, std::chrono::seconds{30});
  requests.count(0, 418, std::chrono::microseconds{1});
  requests.count(2, 404, std::chrono::milliseconds{1});
  Findings findings;
  findings.count(activation::Reason::counter_backwards);
  ++findings.accepted;
  activation::Counts counts;
  counts.records.devices = 12;
  counts.commits.commits = 7;
  http::ConnectionCounters connections;
  connections.open = 5;

  const auto text = metrics_text({routes, requests, findings, &connections, counts});

  for (const char* line : {
           "# TYPE signet_registrar_http_requests_total counter\n",
           "signet_registrar_http_requests_total{route=\"/a/{x}\",method=\"GET\",status=\"200\"} 2\n",
           "signet_registrar_http_requests_total{route=\"/a/{x}\",method=\"GET\",status=\"other\"} 1\n",
           "signet_registrar_http_requests_total{route=\"none\",method=\"none\",status=\"404\"} 1\n",
           "# TYPE signet_registrar_http_request_seconds histogram\n",
           "signet_registrar_http_request_seconds_bucket{route=\"/a/{x}\",method=\"GET\",le=\"0.0025\"} 1\n",
           "signet_registrar_http_request_seconds_bucket{route=\"/a/{x}\",method=\"GET\",le=\"0.005\"} 2\n",
           "signet_registrar_http_request_seconds_bucket{route=\"/a/{x}\",method=\"GET\",le=\"2.5\"} 2\n",
           "signet_registrar_http_request_seconds_bucket{route=\"/a/{x}\",method=\"GET\",le=\"+Inf\"} 3\n",
           "signet_registrar_http_request_seconds_count{route=\"/a/{x}\",method=\"GET\"} 3\n",
           "signet_registrar_http_request_seconds_sum{route=\"/a/{x}\",method=\"GET\"} 30.003001\n",
           "signet_registrar_verifications_total{verdict=\"accepted\"} 1\n",
           "signet_registrar_verifications_total{verdict=\"rejected\"} 0\n",
           "signet_registrar_policy_refusals_total{reason=\"counter_backwards\"} 1\n",
           "signet_registrar_policy_refusals_total{reason=\"blocked_by_operator\"} 0\n",
           "signet_registrar_devices 12\n",
           "signet_registrar_store_commits_total 7\n",
           "signet_registrar_connections 5\n",
       }) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
  EXPECT_EQ(text.find("route=\"/b\""), std::string::npos) << "what nobody asked for takes no room";
}

}  // namespace
}  // namespace signet::activationd
