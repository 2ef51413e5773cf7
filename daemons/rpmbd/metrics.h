// Metrics in the Prometheus text exposition format 0.0.4.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rpmbd/chip.h"
#include "rpmbd/policy.h"
#include "rpmbd/spaces.h"

namespace signet::rpmbd {

using SpaceUsage = std::vector<std::pair<std::shared_ptr<const Grant>, Usage>>;

struct Load {
  std::uint32_t wear_budget = 0;
  std::size_t waiting_calls = 0;
};

std::string metrics_text(const Status& status, const SpaceUsage& spaces, const Load& load);

}  // namespace signet::rpmbd
