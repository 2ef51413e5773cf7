#include "finder/scan.h"

#include <algorithm>

#include "finder/find_device.h"
#include "finder/moment.h"

namespace signet::finder {
namespace {

Advert advert_of(const bluez::Sighting& seen) {
  Advert advert;
  for (const auto& [uuid, octets] : seen.service_data) {
    if (uuid == kFmdnUuid || uuid == kFastPairUuid || uuid == kDultUuid) {
      advert.parts.push_back(read_service_data(uuid, octets));
    }
  }
  return advert;
}

std::string device_of(const keyring::Contents& contents, const bluez::Sighting& seen) {
  for (const auto& device : contents.devices()) {
    if (likeness(device, seen, present()) == Likeness::yes) return device.name;
  }
  return "";
}

// A name is any text, of anybody's.
std::string printable(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace

Result<Neighbours> scan(const Radio& radio, std::chrono::milliseconds time, const keyring::Contents& mine,
                        const OnHeard& heard) {
  SIGNET_ASSIGN(const auto central, radio.central());
  Neighbours all;
  SIGNET_TRY(central->scan(time, [&](const bluez::Sighting& seen) {
    Advert advert = advert_of(seen);
    if (advert.parts.empty() || (all.size() >= kMostNeighbours && !all.contains(seen.address))) return true;
    Heard& one = all[seen.address];
    const bool news = one.times++ == 0 || !same_services(one.advert, advert);
    one.rssi = seen.rssi;
    one.name = printable(seen.name);
    if (news) one.device = device_of(mine, seen);
    if (news) one.advert = std::move(advert);
    return heard(all, seen.address, one, news);
  }));
  return all;
}

}  // namespace signet::finder
