#include "finder/beacon.h"

namespace signet::finder {
namespace {

Failure nothing_found(std::size_t searched, std::size_t skipped, std::uint32_t window) {
  std::string text = "none of " + std::to_string(searched) + " identity keys had this identifier within " +
                     std::to_string(window) + " s of the time that was searched around";
  if (skipped > 0) text += "; " + std::to_string(skipped) + " were left out, for their clock is not known";
  return fail(Errc::not_found, text);
}

}  // namespace

std::optional<Moment> Beacon::when(std::uint32_t clock) const {
  if (!reading) return std::nullopt;
  return reading->wall + std::chrono::seconds{static_cast<std::int32_t>(clock - reading->beacon)};
}

std::vector<Beacon> beacons_of(const keyring::Device& device) {
  std::vector<Beacon> beacons;
  for (const auto* eik : {&device.eik, &device.next_eik}) {
    if (!*eik) continue;
    beacons.push_back({.name = device.name, .eik = (*eik)->clone(), .curve = device.curve, .reading = device.clock});
  }
  return beacons;
}

std::vector<Beacon> beacons_in(const keyring::Contents& contents) {
  std::vector<Beacon> beacons;
  for (const auto& device : contents.devices()) {
    for (auto& beacon : beacons_of(device)) beacons.push_back(std::move(beacon));
  }
  return beacons;
}

std::optional<std::uint32_t> clock_of(const Beacon& beacon, const Around& around) {
  if (around.clock) return around.clock;
  if (beacon.reading) return beacon.reading->at(around.time);
  return std::nullopt;
}

std::optional<fmdn::FrameFlags> Found::flags_of(const SeenEid& seen) const {
  if (!seen.frame || !seen.frame->hidden_flags) return std::nullopt;
  return fmdn::parse_flags(*seen.frame->hidden_flags ^ at.identity.flags_mask);
}

Result<Found> search(const std::vector<Beacon>& beacons, const SeenEid& seen, const Around& around,
                     std::uint32_t window) {
  std::size_t skipped = 0;
  for (const auto& beacon : beacons) {
    const auto clock = clock_of(beacon, around);
    if (!clock) {
      ++skipped;
      continue;
    }
    auto at = fmdn::resolve(beacon.eik, beacon.curve, seen.urx, *clock, window);
    if (at && (seen.eid.empty() || seen.eid == at->identity.eid)) return Found{&beacon, *std::move(at)};
  }
  return nothing_found(beacons.size() - skipped, skipped, window);
}

}  // namespace signet::finder
