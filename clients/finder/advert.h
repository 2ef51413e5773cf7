// What an advert says, to whoever hears it: FMDN, Fast Pair and DULT.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "fastpair/advert.h"
#include "fmdn/frame.h"

namespace signet::finder {

inline constexpr std::uint16_t kFmdnUuid = 0xfeaa;
inline constexpr std::uint16_t kFastPairUuid = 0xfe2c;
inline constexpr std::uint16_t kDultUuid = 0xfcb2;

// The location-enabled advert of DULT: octets after the UUID.
struct DultFrame {
  std::uint8_t network = 0;  // 1 Apple, 2 Google
  bool near_owner = false;
  Bytes payload;  // the network's own
  bool operator==(const DultFrame&) const = default;
};
std::optional<DultFrame> parse_dult_frame(BytesView service_data);

// One service's data. `said`: nothing when they are another service's, or for the reason in `problem`.
struct AdvertPart {
  std::uint16_t uuid = 0;
  Bytes octets;
  std::variant<std::monostate, fmdn::SeenFrame, fastpair::Discoverable, fastpair::NonDiscoverable, DultFrame> said;
  std::string problem;
};

// Takes any octets.
AdvertPart read_service_data(std::uint16_t uuid, BytesView service_data);

struct Advert {
  std::optional<std::uint8_t> flags;  // the AD structure of that name
  std::vector<AdvertPart> parts;      // service data of 16-bit UUIDs
  std::size_t others = 0;             // structures of other types
};

// Advertising data, service data behind their UUID (little-endian, as on the air), or the bare service data of FMDN.
// Nothing for what is none of these.
std::optional<Advert> parse_advert(BytesView octets);

// The FMDN frame in there, if there is one.
const fmdn::SeenFrame* frame_in(const Advert& advert);

// Whether two adverts have the same service data.
bool same_services(const Advert& a, const Advert& b);

const char* service_name(std::uint16_t uuid);    // "Fast Pair"
std::string network_name(std::uint8_t network);  // "Google"

}  // namespace signet::finder
