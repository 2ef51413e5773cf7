#include "signetctl/fmdn/advert.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <ostream>

#include "base/hex.h"
#include "fastpair/advert.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

constexpr std::uint8_t kFlagsType = 0x01;
constexpr std::uint8_t kServiceDataType = 0x16;

std::string hex_octet(std::uint8_t octet) { return "0x" + to_hex({&octet, 1}); }

std::string uuid_text(std::uint16_t uuid) {
  const std::uint8_t octets[] = {static_cast<std::uint8_t>(uuid >> 8), static_cast<std::uint8_t>(uuid)};
  return "0x" + to_hex(octets);
}

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

void describe_fmdn(AdvertPart& part) {
  part.frame = fmdn::parse_frame(part.octets);
  if (!part.frame) {
    part.problem = "no frame of the Find My Device network: frame type 0x40 or 0x41 and 20 or 32 octets are expected";
    return;
  }
  const char* mode = part.frame->unwanted_tracking ? "unwanted-tracking protection" : "near its owner";
  part.text = "EID " + to_hex(part.frame->eid) + ", " + mode;
  part.json["eid"] = to_hex(part.frame->eid);
  part.json["curve"] = part.frame->eid.size() == 20 ? "secp160r1" : "secp256r1";
  part.json["unwanted_tracking"] = part.frame->unwanted_tracking;
  if (!part.frame->hidden_flags) return;
  part.text += ", hidden flags " + hex_octet(*part.frame->hidden_flags);
  part.json["hidden_flags"] = *part.frame->hidden_flags;
}

std::string battery_text(std::uint8_t octet) {
  const unsigned percent = octet & 0x7fu;
  const std::string level = percent <= 100 ? std::to_string(percent) + " %" : "?";
  return level + ((octet & 0x80u) != 0 ? " charging" : "");
}

void describe(const fastpair::Discoverable& advert, AdvertPart& part) {
  part.text = "in pairing mode, model " + to_hex(advert.model_id);
  part.json["pairing_mode"] = true;
  part.json["model_id"] = to_hex(advert.model_id);
}

void describe(const fastpair::NonDiscoverable& advert, AdvertPart& part) {
  part.json["pairing_mode"] = false;
  part.json["account_keys"] = !advert.filter.empty();
  part.json["show_ui"] = advert.show_ui;
  part.text =
      advert.filter.empty() ? "not paired" : "paired, filter of " + std::to_string(advert.filter.size()) + " octets";
  if (!advert.show_ui) part.text += ", phones show nothing";
  if (!advert.battery) return;
  boost::json::array levels;
  for (const std::uint8_t level : advert.battery->levels) levels.emplace_back(battery_text(level));
  part.json["battery"] = levels;
  part.text += ", battery left " + battery_text(advert.battery->levels[0]) + ", right " +
               battery_text(advert.battery->levels[1]) + ", case " + battery_text(advert.battery->levels[2]);
}

void describe_fast_pair(AdvertPart& part) {
  const auto advert = fastpair::parse_advert(part.octets);
  if (!advert) {
    part.problem = advert.error().context;
    return;
  }
  std::visit([&](const auto& one) { describe(one, part); }, *advert);
}

void describe_dult(AdvertPart& part) {
  const auto frame = parse_dult_frame(part.octets);
  if (!frame) {
    part.problem = "no frame of DULT: it is shorter than two octets";
    return;
  }
  part.text = network_name(frame->network) + ", " + (frame->near_owner ? "near its owner" : "separated");
  part.json["network"] = network_name(frame->network);
  part.json["near_owner"] = frame->near_owner;
  if (frame->payload.empty()) return;
  part.text += ", payload " + to_hex(frame->payload);
  part.json["payload"] = to_hex(frame->payload);
}

std::optional<std::uint16_t> leading_uuid(BytesView octets) {
  if (octets.size() < 3) return std::nullopt;
  const auto uuid = static_cast<std::uint16_t>(octets[0] | octets[1] << 8);
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
      advert.parts.push_back(
          describe_service_data(static_cast<std::uint16_t>(data[0] | data[1] << 8), data.subspan(2)));
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

std::optional<DultFrame> parse_dult_frame(BytesView service_data) {
  if (service_data.size() < 2) return std::nullopt;
  const BytesView payload = service_data.subspan(2);
  return DultFrame{.network = service_data[0],
                   .near_owner = (service_data[1] & 1) != 0,
                   .payload = {payload.begin(), payload.end()}};
}

AdvertPart describe_service_data(std::uint16_t uuid, BytesView service_data) {
  AdvertPart part{.uuid = uuid, .octets = {service_data.begin(), service_data.end()}};
  part.json = {{"uuid", uuid_text(uuid)}, {"service", service_name(uuid)}, {"octets", to_hex(service_data)}};
  switch (uuid) {
    case kFmdnUuid: describe_fmdn(part); break;
    case kFastPairUuid: describe_fast_pair(part); break;
    case kDultUuid: describe_dult(part); break;
    default: part.text = to_hex(service_data);
  }
  if (!part.problem.empty()) part.json["problem"] = part.problem;
  return part;
}

std::string summary_of(const AdvertPart& part) {
  return std::string{service_name(part.uuid)} + ": " +
         (part.problem.empty() ? part.text : "NOT VALID: " + part.problem);
}

std::optional<Advert> parse_advert(BytesView octets) {
  if (auto advert = parse_structures(octets)) return advert;
  Advert advert;
  if (fmdn::parse_frame(octets)) {
    advert.parts.push_back(describe_service_data(kFmdnUuid, octets));
    return advert;
  }
  if (const auto uuid = leading_uuid(octets)) {
    advert.parts.push_back(describe_service_data(*uuid, octets.subspan(2)));
    return advert;
  }
  return std::nullopt;
}

boost::json::object advert_to_json(const Advert& advert) {
  boost::json::array parts;
  for (const auto& part : advert.parts) parts.emplace_back(part.json);
  boost::json::object object{{"services", parts}};
  if (advert.flags) object["flags"] = *advert.flags;
  return object;
}

void print_advert(std::ostream& out, const Advert& advert) {
  std::vector<std::pair<std::string, std::string>> facts;
  if (advert.flags) facts.emplace_back("flags", hex_octet(*advert.flags));
  for (const auto& part : advert.parts) {
    facts.emplace_back(service_name(part.uuid), part.problem.empty() ? part.text : "NOT VALID: " + part.problem);
  }
  if (advert.others > 0) facts.emplace_back("others", std::to_string(advert.others) + " structures of other kinds");
  print_facts(out, facts);
}

const fmdn::SeenFrame* frame_in(const Advert& advert) {
  for (const auto& part : advert.parts) {
    if (part.frame) return &*part.frame;
  }
  return nullptr;
}

}  // namespace signet::ctl
