// Metrics in the Prometheus text exposition format 0.0.4.
#pragma once

#include <string>
#include <vector>

#include "activation/registrar.h"
#include "activationd/findings.h"
#include "http/counters.h"
#include "http/router.h"

namespace signet::activationd {

struct Measured {
  const std::vector<http::Route>& routes;
  const http::RequestCounters& requests;  // of the routes, and in the end of what met none
  const Findings& findings;
  const http::ConnectionCounters* connections;  // may be null
  const activation::Counts& counts;
};

std::string metrics_text(const Measured& measured);

}  // namespace signet::activationd
