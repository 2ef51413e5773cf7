#include "finder/advert.h"

#include <algorithm>

#include "base/endian.h"

namespace signet::finder {
namespace {

constexpr std::uint8_t kFlagsType = 0x01;
constexpr std::uint8_t kServiceDataType = 0x16;

void read_fmdn(AdvertPart& part) {
  if (auto frame = fmdn::parse_frame(part.octets)) {
    part.said = *std::move(frame);
  } else {
    part.problem = "no frame of the Find My Device network: frame type 0x40 or 0x41 and 20 or 32 octets are expected";
  }
}

void read_fast_pair(AdvertPart& part) {
  auto advert = fastpair::parse_advert(part.octets);
  if (!advert) {
    part.problem = advert.error().context;
    return;
  }
  std::visit([&](auto& one) { part.said = std::move(one); }, *advert);
}

void read_dult(AdvertPart& part) {
  if (auto frame = parse_dult_frame(part.octets)) {
    part.said = *std::move(frame);
  } else {
    part.problem = "no frame of DULT: it is shorter than two octets";
  }
}

std::optional<std::uint16_t> leading_uuid(BytesView octets) {
  if (octets.size() < 3) return std::nullopt;
  const auto uuid = load_le<std::uint16_t>(octets, 0);
  if (uuid == kFmdnUuid || uuid == kFastPairUuid || uuid == kDultUuid) return uuid;
  return std::nullopt;
}

// Nothing when they are no AD structures to the last octet. Zeros may fill the end up, as the standard allows.
std::optional<Advert> parse_structures(BytesView octets) {
  Advert advert;
  while (!octets.empty() && octets[0] != 0) {
    const std::size_t length = octets[0];
    if (octets.size() < 1 + length) return std::nullopt;
    const std::uint8_t type = octets[1];
    const BytesView data = octets.subspan(2, length - 1);
    if (type == kFlagsType && data.size() == 1) {
      advert.flags = data[0];
    } else if (type == kServiceDataType && data.size() >= 2) {
      advert.parts.push_back(read_service_data(load_le<std::uint16_t>(data, 0), data.subspan(2)));
    } else {
      ++advert.others;
    }
    octets = octets.subspan(1 + length);
  }
  if (std::ranges::any_of(octets, [](std::uint8_t octet) { return octet != 0; })) return std::nullopt;
  if (!advert.flags && advert.parts.empty() && advert.others == 0) return std::nullopt;
  return advert;
}

}  // namespace

const char* service_name(std::uint16_t uuid) {
  switch (uuid) {
    case kFmdnUuid: return "FMDN";
    case kFastPairUuid: return "Fast Pair";
    case kDultUuid: return "DULT";
    default: return "another service";
  }
}

std::string network_name(std::uint8_t network) {
  if (network == 1) return "Apple";
  if (network == 2) return "Google";
  return "network " + std::to_string(network);
}

std::optional<DultFrame> parse_dult_frame(BytesView service_data) {
  if (service_data.size() < 2) return std::nullopt;
  const BytesView payload = service_data.subspan(2);
  return DultFrame{.network = service_data[0],
                   .near_owner = (service_data[1] & 1) != 0,
                   .payload = {payload.begin(), payload.end()}};
}

AdvertPart read_service_data(std::uint16_t uuid, BytesView service_data) {
  AdvertPart part{.uuid = uuid, .octets = {service_data.begin(), service_data.end()}};
  switch (uuid) {
    case kFmdnUuid: read_fmdn(part); break;
    case kFastPairUuid: read_fast_pair(part); break;
    case kDultUuid: read_dult(part); break;
    default: break;
  }
  return part;
}

std::optional<Advert> parse_advert(BytesView octets) {
  if (auto advert = parse_structures(octets)) return advert;
  Advert advert;
  if (fmdn::parse_frame(octets)) {
    advert.parts.push_back(read_service_data(kFmdnUuid, octets));
    return advert;
  }
  if (const auto uuid = leading_uuid(octets)) {
    advert.parts.push_back(read_service_data(*uuid, octets.subspan(2)));
    return advert;
  }
  return std::nullopt;
}

const fmdn::SeenFrame* frame_in(const Advert& advert) {
  for (const auto& part : advert.parts) {
    if (const auto* frame = std::get_if<fmdn::SeenFrame>(&part.said)) return frame;
  }
  return nullptr;
}

bool same_services(const Advert& a, const Advert& b) {
  return std::ranges::equal(a.parts, b.parts, [](const AdvertPart& one, const AdvertPart& other) {
    return one.uuid == other.uuid && one.octets == other.octets;
  });
}

}  // namespace signet::finder
