#include "finder/find_device.h"

#include <algorithm>
#include <chrono>

#include "finder/address.h"
#include "finder/likeness.h"

namespace signet::finder {
namespace {

// bluetoothd shows the last advert of an address: the beacon's may be hidden behind that of Fast Pair for some time.
constexpr std::chrono::milliseconds kForCertainty = std::chrono::seconds{10};

}  // namespace

Result<std::string> find_device(const Radio& radio, bluez::Central& central, const keyring::Device& device,
                                const std::string& given) {
  if (!given.empty()) return checked_address(given);
  radio.progress("Looking for '" + device.name + "' ...");
  Portrait portrait{device};
  std::string certain;
  std::string perhaps;
  const auto look = [&](std::chrono::milliseconds limit, bool for_certainty) {
    return central.scan(limit, [&](const bluez::Sighting& seen) {
      const Likeness like = portrait.likeness(seen, present());
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
                  "air; wait longer, or name its address");
}

}  // namespace signet::finder
