#include "signetctl/fmdn/search.h"

namespace signet::ctl {

std::optional<Found> search(const std::vector<Beacon>& beacons, const fmdn::TruncatedEid& urx,
                            const BeaconChoice& choice, std::uint32_t window, std::size_t& skipped) {
  skipped = 0;
  for (const auto& beacon : beacons) {
    const bool alone = beacons.size() == 1;  // then a missing clock is an error that is worth naming
    if (!alone && !choice.clock && !beacon.reading) {
      ++skipped;
      continue;
    }
    if (auto at = fmdn::resolve(beacon.eik, beacon.curve, urx, chosen_clock(beacon, choice), window)) {
      return Found{&beacon, *std::move(at)};
    }
  }
  return std::nullopt;
}

Failed nothing_found(const std::vector<Beacon>& beacons, std::uint32_t window, std::size_t skipped) {
  std::string text = "none of " + std::to_string(beacons.size() - skipped) + " beacons had this identifier within " +
                     std::to_string(window) + " s of the time that was searched around";
  if (skipped > 0) text += "; " + std::to_string(skipped) + " were left out, for their clock is not known";
  return Failed{Errc::not_found, text + ". Try --at TIME when it was seen earlier, or a larger --window"};
}

}  // namespace signet::ctl
