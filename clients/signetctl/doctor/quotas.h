// Usage and quotas out of the daemon's metrics: of every namespace that the caller may see.
#pragma once

#include <string_view>
#include <vector>

#include "signetctl/doctor/facts.h"

namespace signet::ctl {

// `metrics`: the Prometheus text. What is not a usage with a quota is passed over.
std::vector<DaemonFacts::Quota> quotas_in(std::string_view metrics);

}  // namespace signet::ctl
