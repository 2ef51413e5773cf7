#include "signetctl/fmdn/advert_text.h"

#include <boost/json/array.hpp>
#include <ostream>

#include "base/hex.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

using boost::json::object;

std::string hex_octet(std::uint8_t octet) { return "0x" + to_hex({&octet, 1}); }

std::string uuid_text(std::uint16_t uuid) {
  const std::uint8_t octets[] = {static_cast<std::uint8_t>(uuid >> 8), static_cast<std::uint8_t>(uuid)};
  return "0x" + to_hex(octets);
}

std::string battery_text(std::uint8_t octet) {
  const unsigned percent = octet & 0x7fu;
  const std::string level = percent <= 100 ? std::to_string(percent) + " %" : "?";
  return level + ((octet & 0x80u) != 0 ? " charging" : "");
}

// Each writes its members into `json` and returns a line for people.
struct Description {
  const finder::AdvertPart& part;
  object& json;

  std::string operator()(std::monostate) const { return to_hex(part.octets); }

  std::string operator()(const fmdn::SeenFrame& frame) const {
    json["eid"] = to_hex(frame.eid);
    json["curve"] = frame.eid.size() == 20 ? "secp160r1" : "secp256r1";
    json["unwanted_tracking"] = frame.unwanted_tracking;
    const char* mode = frame.unwanted_tracking ? "unwanted-tracking protection" : "near its owner";
    std::string text = "EID " + to_hex(frame.eid) + ", " + mode;
    if (!frame.hidden_flags) return text;
    json["hidden_flags"] = *frame.hidden_flags;
    return text + ", hidden flags " + hex_octet(*frame.hidden_flags);
  }

  std::string operator()(const fastpair::Discoverable& advert) const {
    json["pairing_mode"] = true;
    json["model_id"] = to_hex(advert.model_id);
    return "in pairing mode, model " + to_hex(advert.model_id);
  }

  std::string operator()(const fastpair::NonDiscoverable& advert) const {
    json["pairing_mode"] = false;
    json["account_keys"] = !advert.filter.empty();
    json["show_ui"] = advert.show_ui;
    std::string text =
        advert.filter.empty() ? "not paired" : "paired, filter of " + std::to_string(advert.filter.size()) + " octets";
    if (!advert.show_ui) text += ", phones show nothing";
    if (!advert.battery) return text;
    boost::json::array levels;
    for (const std::uint8_t level : advert.battery->levels) levels.emplace_back(battery_text(level));
    json["battery"] = levels;
    return text + ", battery left " + battery_text(advert.battery->levels[0]) + ", right " +
           battery_text(advert.battery->levels[1]) + ", case " + battery_text(advert.battery->levels[2]);
  }

  std::string operator()(const finder::DultFrame& frame) const {
    const std::string network = finder::network_name(frame.network);
    json["network"] = network;
    json["near_owner"] = frame.near_owner;
    std::string text = network + ", " + (frame.near_owner ? "near its owner" : "separated");
    if (frame.payload.empty()) return text;
    json["payload"] = to_hex(frame.payload);
    return text + ", payload " + to_hex(frame.payload);
  }
};

std::string describe(const finder::AdvertPart& part, object& json) {
  json = {
      {"uuid", uuid_text(part.uuid)}, {"service", finder::service_name(part.uuid)}, {"octets", to_hex(part.octets)}};
  if (part.problem.empty()) return std::visit(Description{part, json}, part.said);
  json["problem"] = part.problem;
  return "NOT VALID: " + part.problem;
}

std::string text_of(const finder::AdvertPart& part) {
  object ignored;
  return describe(part, ignored);
}

}  // namespace

std::string summary_of(const finder::AdvertPart& part) {
  return std::string{finder::service_name(part.uuid)} + ": " + text_of(part);
}

object advert_to_json(const finder::Advert& advert) {
  boost::json::array parts;
  for (const auto& part : advert.parts) {
    object json;
    describe(part, json);
    parts.emplace_back(std::move(json));
  }
  object result{{"services", parts}};
  if (advert.flags) result["flags"] = *advert.flags;
  return result;
}

void print_advert(std::ostream& out, const finder::Advert& advert) {
  std::vector<std::pair<std::string, std::string>> facts;
  if (advert.flags) facts.emplace_back("flags", hex_octet(*advert.flags));
  for (const auto& part : advert.parts) facts.emplace_back(finder::service_name(part.uuid), text_of(part));
  if (advert.others > 0) facts.emplace_back("others", std::to_string(advert.others) + " structures of other kinds");
  print_facts(out, facts);
}

}  // namespace signet::ctl
