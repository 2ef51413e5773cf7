#include "finder/eid_window.h"

#include <algorithm>

namespace signet::finder {

EidWindow::EidWindow(fmdn::Eik eik, fmdn::Curve curve, std::uint32_t window)
    : eik_{std::move(eik)}, curve_{curve}, periods_{(window + fmdn::kPeriod - 1) / fmdn::kPeriod} {}

Bytes EidWindow::eid_at(std::uint32_t clock) const {
  auto identity = fmdn::identity_at(eik_, clock, curve_);
  return identity ? std::move(identity->eid) : Bytes{};
}

void EidWindow::move_to(std::uint32_t clock) {
  const std::uint32_t middle = clock & ~(fmdn::kPeriod - 1);
  if (middle_ == middle) return;
  std::map<std::uint32_t, Bytes> eids;
  const std::uint32_t first = middle - periods_ * fmdn::kPeriod;
  for (std::uint32_t i = 0; i <= 2 * periods_; ++i) {
    const std::uint32_t at = first + i * fmdn::kPeriod;  // the beacon's clock may pass its end
    if (auto known = eids_.extract(at)) {
      eids.insert(std::move(known));
    } else {
      eids.emplace(at, eid_at(at));
      ++computed_;
    }
  }
  eids_ = std::move(eids);
  middle_ = middle;
}

bool EidWindow::holds(const Bytes& eid) const {
  return !eid.empty() && std::ranges::any_of(eids_, [&](const auto& one) { return one.second == eid; });
}

}  // namespace signet::finder
