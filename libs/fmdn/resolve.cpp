#include "fmdn/resolve.h"

namespace signet::fmdn {

std::optional<Resolved> resolve(const Eik& eik, Curve curve, const TruncatedEid& urx, std::uint32_t estimate,
                                std::uint32_t window) {
  const crypto::AesKey key{eik.view()};
  const auto at = [&](std::uint32_t clock) -> std::optional<Resolved> {
    auto identity = identity_at(key, clock, curve);
    if (!identity || truncate(identity->eid) != urx) return std::nullopt;
    return Resolved{.clock = clock & ~(kPeriod - 1), .identity = *std::move(identity)};
  };
  if (auto found = at(estimate)) return found;
  for (std::uint32_t offset = kPeriod; offset <= window + kPeriod - 1; offset += kPeriod) {
    if (auto found = at(estimate - offset)) return found;
    if (auto found = at(estimate + offset)) return found;
  }
  return std::nullopt;
}

}  // namespace signet::fmdn
