#include "finder/find_device.h"

#include <algorithm>
#include <chrono>

#include "fastpair/advert.h"
#include "finder/address.h"
#include "finder/advert.h"
#include "finder/beacon.h"
#include "finder/moment.h"
#include "fmdn/frame.h"
#include "fmdn/resolve.h"

namespace signet::finder {
namespace {

// bluetoothd shows the last advert of an address: the beacon's may be hidden behind that of Fast Pair for some time.
constexpr std::chrono::milliseconds kForCertainty = std::chrono::seconds{10};

bool is_beacon_of(const keyring::Device& device, const bluez::Sighting& seen, std::chrono::sys_seconds now) {
  const auto data = seen.service_data.find(kFmdnUuid);
  if (data == seen.service_data.end() || !device.clock) return false;
  const auto frame = fmdn::parse_frame(data->second);
  if (!frame || fmdn::curve_of(frame->eid.size()) != device.curve) return false;
  return std::ranges::any_of(beacons_of(device), [&](const Beacon& beacon) {
    const auto found =
        fmdn::resolve(beacon.eik, device.curve, fmdn::truncate(frame->eid), device.clock->at(now), kUsualWindow);
    return found && found->identity.eid == frame->eid;
  });
}

bool may_be_provider(const keyring::Device& device, const bluez::Sighting& seen) {
  const auto data = seen.service_data.find(kFastPairUuid);
  if (data == seen.service_data.end() || !device.account_key) return false;
  const auto advert = fastpair::parse_advert(data->second);
  const auto* hidden = advert ? std::get_if<fastpair::NonDiscoverable>(&*advert) : nullptr;
  return hidden && fastpair::may_hold(*hidden, *device.account_key);
}

}  // namespace

Likeness likeness(const keyring::Device& device, const bluez::Sighting& seen, std::chrono::sys_seconds now) {
  if (is_beacon_of(device, seen, now)) return Likeness::yes;
  if (may_be_provider(device, seen)) return Likeness::maybe;
  // Without a clock an identifier cannot be told from another one.
  const bool unknown = !device.eik || !device.clock;  // "unconfirmed" may be no beacon yet
  return unknown && !device.address.empty() && seen.address == device.address ? Likeness::maybe : Likeness::no;
}

Result<std::string> find_device(const Radio& radio, bluez::Central& central, const keyring::Device& device,
                                const std::string& given) {
  if (!given.empty()) return checked_address(given);
  radio.progress("Looking for '" + device.name + "' ...");
  std::string certain;
  std::string perhaps;
  const auto look = [&](std::chrono::milliseconds limit, bool for_certainty) {
    return central.scan(limit, [&](const bluez::Sighting& seen) {
      const Likeness like = likeness(device, seen, present());
      if (like == Likeness::yes) certain = seen.address;
      if (like == Likeness::maybe) perhaps = seen.address;
      return certain.empty() && (perhaps.empty() || for_certainty);
    });
  };
  const auto first = std::min(radio.limit, kForCertainty);
  SIGNET_TRY(look(first, device.may_be_beacon()));  // while it is no beacon, a filter that fits is the best there is
  if (certain.empty() && perhaps.empty() && radio.limit > first) SIGNET_TRY(look(radio.limit - first, false));
  if (!certain.empty()) return certain;
  if (!perhaps.empty()) return perhaps;
  return fail(Errc::timeout,
              "'" + device.name +
                  "' was not seen in time. Is it near and on? 'signetctl fmdn scan' shows what is on the "
                  "air; --timeout waits longer, and --address names it");
}

}  // namespace signet::finder
