#include "activationd/metrics.h"

#include "service/metrics_text.h"

namespace signet::activationd {
namespace {

using http::RequestCounters;
using service::MetricsText;

// `{route="...",method="..."`, without the closing brace.
std::string labels_of(const Measured& measured, std::size_t route) {
  if (route == measured.routes.size()) return R"({route="none",method="none")";
  const auto& known = measured.routes[route];
  return fmt::format(R"({{route="{}",method="{}")", known.pattern, http::name(known.method));
}

std::string status_name(int status) { return status == 0 ? "other" : std::to_string(status); }

void add_requests(MetricsText& text, const Measured& measured) {
  text.family("http_requests_total", "counter", "Requests answered");
  for (std::size_t route = 0; route <= measured.routes.size(); ++route) {
    const auto& row = measured.requests.of(route);
    for (std::size_t i = 0; i < RequestCounters::kStatuses.size(); ++i) {
      if (row.by_status[i] == 0) continue;
      text.sample(row.by_status[i].load(), fmt::format(R"({},status="{}"}})", labels_of(measured, route),
                                                       status_name(RequestCounters::kStatuses[i])));
    }
  }
}

void add_times(MetricsText& text, const Measured& measured) {
  text.family("http_request_seconds", "histogram", "From the last octet of a request to its answer");
  for (std::size_t route = 0; route <= measured.routes.size(); ++route) {
    const auto& row = measured.requests.of(route);
    const auto labels = labels_of(measured, route);
    std::uint64_t sum = 0;
    for (const auto& bucket : row.by_time) sum += bucket;
    if (sum == 0) continue;
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < RequestCounters::kBounds.size(); ++i) {
      below += row.by_time[i];
      text.sample(below, fmt::format(R"({},le="{}"}})", labels, RequestCounters::kBounds[i]), "_bucket");
    }
    text.sample(sum, labels + R"(,le="+Inf"})", "_bucket");
    text.sample(static_cast<double>(row.microseconds) / 1e6, labels + "}", "_sum");
    text.sample(sum, labels + "}", "_count");
  }
}

void add_findings(MetricsText& text, const Findings& findings) {
  text.single("reservations_total", "counter", "Registrations begun", findings.reservations.load());
  text.single("confirmations_total", "counter", "Confirmations answered, repeats included",
              findings.confirmations.load());
  text.family("verifications_total", "counter", "Tickets verified");
  text.sample(findings.accepted.load(), R"({verdict="accepted"})");
  text.sample(findings.rejected.load(), R"({verdict="rejected"})");
  text.family("policy_refusals_total", "counter", "What the policy has held against devices");
  for (const auto reason : Findings::kReasons) {
    text.sample(findings.refusals[static_cast<std::size_t>(reason)].load(),
                fmt::format(R"({{reason="{}"}})", activation::name(reason)));
  }
}

void add_records(MetricsText& text, const activation::Counts& counts) {
  const auto& records = counts.records;
  text.single("devices", "gauge", "Registered devices", records.devices);
  text.single("devices_blocked", "gauge", "Those of them that are blocked", records.devices_blocked);
  text.single("reservations", "gauge", "Reservations that wait for their confirmation", records.reservations);
  text.single("certificates_valid", "gauge", "Device certificates that are valid", records.certificates_valid);
  text.single("certificates_revoked", "gauge", "Device certificates that were revoked", records.certificates_revoked);
  text.single("sn_tickets", "gauge", "sn tickets kept, spent ones included", records.sn_tickets);
  text.single("nonces", "gauge", "Nonces kept, spent ones included", records.nonces);
  text.single("audit_entries", "gauge", "Entries of the audit log", records.audit_entries);
  text.single("store_units_total", "counter", "Units of work committed", counts.commits.units);
  text.single("store_commits_total", "counter", "Commits that they took", counts.commits.commits);
  text.single("store_failed_commits_total", "counter", "Commits that came to nothing", counts.commits.failed);
  text.single("store_waiting_units", "gauge", "Units of work that wait", counts.commits.waiting);
}

void add_connections(MetricsText& text, const http::ConnectionCounters& connections) {
  text.single("connections", "gauge", "Open connections", connections.open.load());
  text.single("connections_total", "counter", "Connections accepted", connections.accepted.load());
  text.single("connections_refused_total", "counter", "Connections closed because of a limit",
              connections.refused.load());
  text.single("handshakes_failed_total", "counter", "TLS handshakes that failed", connections.failed_handshakes.load());
  text.single("timeouts_total", "counter", "Connections ended because they were idle or too slow",
              connections.timed_out.load());
  text.single("malformed_requests_total", "counter", "Requests that are not HTTP/1.1 or beyond its limits",
              connections.malformed_requests.load());
}

}  // namespace

std::string metrics_text(const Measured& measured) {
  MetricsText text{"signet_registrar_"};
  add_requests(text, measured);
  add_times(text, measured);
  add_findings(text, measured.findings);
  add_records(text, measured.counts);
  if (measured.connections != nullptr) add_connections(text, *measured.connections);
  return text.take();
}

}  // namespace signet::activationd
