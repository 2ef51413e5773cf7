#include "finder/scan.h"

#include <algorithm>

#include "finder/likeness.h"

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

// With all that takes time: while one listens, adverts come faster than identifiers can be computed.
std::vector<Portrait> portraits_of(const keyring::Contents& contents) {
  std::vector<Portrait> portraits;
  for (const auto& device : contents.devices()) {
    portraits.emplace_back(device);
    portraits.back().prepare(present());
  }
  return portraits;
}

std::string device_of(std::vector<Portrait>& mine, const bluez::Sighting& seen) {
  const auto now = present();
  const auto found =
      std::ranges::find_if(mine, [&](Portrait& one) { return one.likeness(seen, now) == Likeness::yes; });
  return found == mine.end() ? "" : found->name();
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
  std::vector<Portrait> portraits = portraits_of(mine);
  Neighbours all;
  SIGNET_TRY(central->scan(time, [&](const bluez::Sighting& seen) {
    Advert advert = advert_of(seen);
    if (advert.parts.empty() || (all.size() >= kMostNeighbours && !all.contains(seen.address))) return true;
    Heard& one = all[seen.address];
    const bool news = one.times++ == 0 || !same_services(one.advert, advert);
    one.rssi = seen.rssi;
    one.name = printable(seen.name);
    if (news) one.device = device_of(portraits, seen);
    if (news) one.advert = std::move(advert);
    return heard(all, seen.address, one, news);
  }));
  return all;
}

}  // namespace signet::finder
