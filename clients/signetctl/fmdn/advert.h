// What an advert says, to whoever hears it: FMDN, Fast Pair and DULT.
#pragma once

#include <boost/json/object.hpp>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "fmdn/frame.h"

namespace signet::ctl {

inline constexpr std::uint16_t kFmdnUuid = 0xfeaa;
inline constexpr std::uint16_t kFastPairUuid = 0xfe2c;
inline constexpr std::uint16_t kDultUuid = 0xfcb2;

// The location-enabled advert of DULT: octets after the UUID.
struct DultFrame {
  std::uint8_t network = 0;  // 1 Apple, 2 Google
  bool near_owner = false;
  Bytes payload;  // the network's own
};
std::optional<DultFrame> parse_dult_frame(BytesView service_data);

// One service's data. `text`: what they say, in a line; `problem`: why they say nothing.
struct AdvertPart {
  std::uint16_t uuid = 0;
  Bytes octets;
  std::string text;
  std::string problem;
  boost::json::object json;
  std::optional<fmdn::SeenFrame> frame;  // of FMDN
};

// "Fast Pair: in pairing mode, model 123456"; for people.
std::string summary_of(const AdvertPart& part);

// Takes any octets.
AdvertPart describe_service_data(std::uint16_t uuid, BytesView service_data);

struct Advert {
  std::optional<std::uint8_t> flags;  // the AD structure of that name
  std::vector<AdvertPart> parts;      // service data of 16-bit UUIDs
  std::size_t others = 0;             // structures of other types
};

// Advertising data, service data behind their UUID (little-endian, as on the air), or the bare service data of FMDN.
// Nothing for what is none of these.
std::optional<Advert> parse_advert(BytesView octets);

boost::json::object advert_to_json(const Advert& advert);
void print_advert(std::ostream& out, const Advert& advert);

// The FMDN frame in there, if there is one.
const fmdn::SeenFrame* frame_in(const Advert& advert);

}  // namespace signet::ctl
