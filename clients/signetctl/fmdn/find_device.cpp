#include "signetctl/fmdn/find_device.h"

#include <algorithm>
#include <cctype>
#include <chrono>

#include "fastpair/advert.h"
#include "fmdn/frame.h"
#include "fmdn/resolve.h"
#include "signetctl/fmdn/advert.h"
#include "signetctl/fmdn/moment.h"
#include "signetctl/fmdn/radio.h"

namespace signet::ctl {
namespace {

constexpr std::uint32_t kWindow = 86'400;

// bluetoothd shows the last advert of an address: the beacon's may be hidden behind that of Fast Pair for some time.
constexpr std::chrono::milliseconds kForCertainty = std::chrono::seconds{10};

bool is_beacon_of(const keyring::Device& device, const bluez::Sighting& seen, std::chrono::sys_seconds now) {
  const auto data = seen.service_data.find(kFmdnUuid);
  if (data == seen.service_data.end() || !device.eik || !device.clock) return false;
  const auto frame = fmdn::parse_frame(data->second);
  if (!frame || fmdn::curve_of(frame->eid.size()) != device.curve) return false;
  const auto found =
      fmdn::resolve(*device.eik, device.curve, fmdn::truncate(frame->eid), device.clock->at(now), kWindow);
  return found && found->identity.eid == frame->eid;
}

bool may_be_provider(const keyring::Device& device, const bluez::Sighting& seen) {
  const auto data = seen.service_data.find(kFastPairUuid);
  if (data == seen.service_data.end() || !device.account_key) return false;
  const auto advert = fastpair::parse_advert(data->second);
  const auto* hidden = advert ? std::get_if<fastpair::NonDiscoverable>(&*advert) : nullptr;
  return hidden && fastpair::may_hold(*hidden, *device.account_key);
}

}  // namespace

std::string checked_address(const std::string& text) {
  std::string address = text;
  std::ranges::transform(address, address.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  bool fits = address.size() == 17;
  for (std::size_t i = 0; fits && i < address.size(); ++i) {
    fits = i % 3 == 2 ? address[i] == ':' : std::isxdigit(static_cast<unsigned char>(address[i])) != 0;
  }
  if (!fits) throw Failed{Errc::invalid_argument, "--address '" + text + "': must be such as 00:AA:01:00:00:00"};
  return address;
}

Likeness likeness(const keyring::Device& device, const bluez::Sighting& seen, std::chrono::sys_seconds now) {
  if (is_beacon_of(device, seen, now)) return Likeness::yes;
  if (may_be_provider(device, seen)) return Likeness::maybe;
  // Without a clock an identifier cannot be told from another one.
  const bool unknown = !device.eik || !device.clock;
  return unknown && !device.address.empty() && seen.address == device.address ? Likeness::maybe : Likeness::no;
}

std::string find_device(Session& session, bluez::Central& central, const keyring::Device& device,
                        const std::string& given) {
  if (!given.empty()) return checked_address(given);
  session.progress("Looking for '" + device.name + "' ...");
  std::string certain;
  std::string perhaps;
  const auto look = [&](std::chrono::milliseconds limit, bool for_certainty) {
    must(central.scan(limit, [&](const bluez::Sighting& seen) {
      const Likeness like = likeness(device, seen, present());
      if (like == Likeness::yes) certain = seen.address;
      if (like == Likeness::maybe) perhaps = seen.address;
      return certain.empty() && (perhaps.empty() || for_certainty);
    }));
  };
  const std::chrono::milliseconds all = limit_of(session);
  const auto first = std::min(all, kForCertainty);
  look(first, device.eik.has_value());  // while it is no beacon, a filter that fits is the best there is
  if (certain.empty() && perhaps.empty() && all > first) look(all - first, false);
  if (!certain.empty()) return certain;
  if (!perhaps.empty()) return perhaps;
  throw Failed{Errc::timeout,
               "'" + device.name +
                   "' was not seen in time. Is it near and on? 'signetctl fmdn scan' shows what is on the "
                   "air; --timeout waits longer, and --address names it"};
}

}  // namespace signet::ctl
