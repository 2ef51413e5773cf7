// Listening to what is on the air.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "finder/advert.h"
#include "finder/radio.h"
#include "keyring/contents.h"

namespace signet::finder {

// A device as it was heard last.
struct Heard {
  std::size_t times = 0;
  std::optional<std::int16_t> rssi;  // dBm
  std::string name;                  // a stranger's, made printable
  std::string device;                // of the keyring
  Advert advert;
};
using Neighbours = std::map<std::string, Heard>;  // by address

inline constexpr std::size_t kMostNeighbours = 10'000;  // addresses can be made up; what comes later is left out

// Listens for `time` to devices with service data of FMDN, Fast Pair or DULT, and names those of `mine`. `heard` is
// called after each advert; `news`: the address is new, or what it says. False ends it. Errors: those of
// bluez::Central::scan().
using OnHeard = std::function<bool(const Neighbours& all, const std::string& address, const Heard& one, bool news)>;
Result<Neighbours> scan(const Radio& radio, std::chrono::milliseconds time, const keyring::Contents& mine,
                        const OnHeard& heard);

}  // namespace signet::finder
