#include "finder/likeness.h"

#include <algorithm>

#include "fastpair/advert.h"
#include "finder/advert.h"
#include "finder/beacon.h"
#include "fmdn/frame.h"

namespace signet::finder {

Portrait::Portrait(const keyring::Device& device) : device_{device.clone()} {
  for (auto& beacon : beacons_of(device)) eids_.emplace_back(std::move(beacon.eik), beacon.curve, kUsualWindow);
}

void Portrait::prepare(Moment now) {
  if (!device_.clock) return;
  for (auto& eids : eids_) eids.move_to(device_.clock->at(now));
}

std::size_t Portrait::computed() const {
  std::size_t all = 0;
  for (const auto& eids : eids_) all += eids.computed();
  return all;
}

bool Portrait::is_beacon(const bluez::Sighting& seen, Moment now) {
  const auto data = seen.service_data.find(kFmdnUuid);
  if (data == seen.service_data.end()) return false;
  const auto frame = fmdn::parse_frame(data->second);
  if (!frame) return false;
  prepare(now);
  return std::ranges::any_of(eids_, [&](const EidWindow& eids) { return eids.holds(frame->eid); });
}

bool Portrait::may_be_provider(const bluez::Sighting& seen) const {
  const auto data = seen.service_data.find(kFastPairUuid);
  if (data == seen.service_data.end() || !device_.account_key) return false;
  const auto advert = fastpair::parse_advert(data->second);
  const auto* hidden = advert ? std::get_if<fastpair::NonDiscoverable>(&*advert) : nullptr;
  return hidden && fastpair::may_hold(*hidden, *device_.account_key);
}

Likeness Portrait::likeness(const bluez::Sighting& seen, Moment now) {
  if (is_beacon(seen, now)) return Likeness::yes;
  if (may_be_provider(seen)) return Likeness::maybe;
  // Without a clock an identifier cannot be told from another one; a key that was not confirmed may have none.
  const bool unknown = !device_.eik || !device_.clock;
  return unknown && !device_.address.empty() && seen.address == device_.address ? Likeness::maybe : Likeness::no;
}

}  // namespace signet::finder
