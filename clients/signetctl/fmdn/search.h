// Looks for an identifier among the periods of the owner's beacons.
#pragma once

#include <optional>
#include <vector>

#include "fmdn/resolve.h"
#include "signetctl/fmdn/beacons.h"

namespace signet::ctl {

inline constexpr std::uint32_t kUsualWindow = 86'400;  // seconds either way

struct Found {
  const Beacon* beacon;
  fmdn::Resolved at;
};

// `window`: seconds around the clock that each beacon should have. Beacons whose clock is not known are passed over,
// unless `choice` says it; `skipped` counts them.
std::optional<Found> search(const std::vector<Beacon>& beacons, const fmdn::TruncatedEid& urx,
                            const BeaconChoice& choice, std::uint32_t window, std::size_t& skipped);

// "not found" in full: what was searched, and what to try.
Failed nothing_found(const std::vector<Beacon>& beacons, std::uint32_t window, std::size_t skipped);

}  // namespace signet::ctl
