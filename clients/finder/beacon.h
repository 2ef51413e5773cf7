// A beacon that we can compute identifiers of, and the search for an identifier among them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "finder/moment.h"
#include "finder/seen_eid.h"
#include "fmdn/resolve.h"
#include "keyring/contents.h"

namespace signet::finder {

struct Beacon {
  std::string name;  // empty: a key in a file
  fmdn::Eik eik;
  fmdn::Curve curve;
  std::optional<keyring::ClockReading> reading;

  // Our time when the beacon's clock showed `clock`, within 68 years of the reading.
  [[nodiscard]] std::optional<Moment> when(std::uint32_t clock) const;
};

// One for each identity key that the device may have: the one it is known to have first, then the one that was sent
// without an answer. None: paired, but not provisioned.
std::vector<Beacon> beacons_of(const keyring::Device& device);
// Those of the keyring.
std::vector<Beacon> beacons_in(const keyring::Contents& contents);

inline constexpr std::uint32_t kUsualWindow = 86'400;  // seconds either way

// Around when to look: the beacons' clock, or our time, from which each beacon's clock is reckoned.
struct Around {
  std::optional<std::uint32_t> clock;
  Moment time{};
};
// Nothing: only a clock could say it.
std::optional<std::uint32_t> clock_of(const Beacon& beacon, const Around& around);

struct Found {
  const Beacon* beacon;
  fmdn::Resolved at;

  // What the flags of the frame say once their mask is off. Nothing: `seen` is no frame with flags, or not this one's.
  [[nodiscard]] std::optional<fmdn::FrameFlags> flags_of(const SeenEid& seen) const;
};

// `window`: seconds around the clock that each beacon should have. Beacons whose clock is not known are passed over.
// not_found: what was searched.
Result<Found> search(const std::vector<Beacon>& beacons, const SeenEid& seen, const Around& around,
                     std::uint32_t window);

}  // namespace signet::finder
