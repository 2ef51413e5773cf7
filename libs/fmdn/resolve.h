// Whose identifier is this, and of when? The owner looks for it around the time that the beacon's clock should have.
#pragma once

#include <optional>

#include "fmdn/report.h"

namespace signet::fmdn {

struct Resolved {
  std::uint32_t clock;  // masked: the identifier's first second
  Identity identity;
};

// Periods within `window` seconds of `estimate`, the nearest first; one multiplication each.
std::optional<Resolved> resolve(const Eik& eik, Curve curve, const TruncatedEid& urx, std::uint32_t estimate,
                                std::uint32_t window);

}  // namespace signet::fmdn
