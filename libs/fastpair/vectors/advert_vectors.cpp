// Filters, adverts and the frames of the message stream.
#include "fastpair/account_key_filter.h"
#include "fastpair/advert.h"
#include "fastpair/message_stream.h"
#include "fastpair/vectors/sections.h"

namespace signet::fastpair {
namespace {

using vectors::octets_of;

Result<std::vector<AccountKey>> keys_of(const JsonCursor& entry) {
  SIGNET_ASSIGN(const JsonCursor at, entry.member("keys"));
  SIGNET_ASSIGN(const auto elements, at.elements());
  std::vector<AccountKey> keys;
  for (const JsonCursor& element : elements) {
    AccountKey key;
    SIGNET_TRY(element.octets_into(key.writable()));
    keys.push_back(std::move(key));
  }
  return keys;
}

Result<std::optional<BatteryField>> battery_of(const JsonCursor& entry) {
  SIGNET_ASSIGN(const JsonCursor at, entry.member("battery_field"));
  SIGNET_ASSIGN(const Bytes field, at.octets());
  if (field.empty()) return std::optional<BatteryField>{};
  if (field.size() != 4 || (field[0] != 0x33 && field[0] != 0x34)) return at.malformed("is not a battery field");
  BatteryField battery{.show_ui = field[0] == 0x33};
  std::copy_n(field.begin() + 1, battery.levels.size(), battery.levels.begin());
  return std::optional{battery};
}

Result<Advert> advert_of(const JsonCursor& entry) {
  SIGNET_ASSIGN(const auto model, entry.find("model_id"));
  if (model) {
    SIGNET_ASSIGN(const ModelId id, octets_of<3>(entry, "model_id"));
    return Advert{Discoverable{id}};
  }
  SIGNET_ASSIGN(const auto keys, keys_of(entry));
  if (keys.empty()) return Advert{NonDiscoverable{}};
  SIGNET_ASSIGN(const Bytes salt, octets_of(entry, "salt"));
  SIGNET_ASSIGN(const auto battery, battery_of(entry));
  SIGNET_ASSIGN(const bool show_ui, vectors::boolean_of(entry, "show_ui"));
  return Advert{non_discoverable(keys, salt, battery, show_ui)};
}

// Whether the advert of a case comes back from its octets.
std::string read_back(BytesView ad, const Advert& made) {
  const auto found = find_service_data(ad);
  if (!found) return "no service data";
  const auto parsed = parse_advert(*found);
  if (!parsed) return parsed.error().context;
  return *parsed == made ? "the same" : "another";
}

// Reads the octets of a frame one by one, as the most unfriendly transport would hand them over.
std::vector<Message> read_singly(BytesView octets) {
  MessageReader reader;
  std::vector<Message> all;
  for (const std::uint8_t octet : octets) {
    for (Message& message : reader.take({&octet, 1})) all.push_back(std::move(message));
  }
  return all;
}

}  // namespace

Result<std::string> run_filter(const JsonCursor& entry) {
  SIGNET_ASSIGN(const auto keys, keys_of(entry));
  SIGNET_ASSIGN(const Bytes salt, octets_of(entry, "salt"));
  SIGNET_ASSIGN(const Bytes battery, octets_of(entry, "battery_field"));
  SIGNET_ASSIGN(const Bytes filter, octets_of(entry, "filter"));
  Differences differences;
  SIGNET_TRY(compare(entry, "filter", make_filter(keys, salt, battery), differences));
  for (const AccountKey& key : keys) {
    differences.compare("a key", "held", may_hold(filter, key, salt, battery) ? "held" : "not held");
  }
  return differences.text();
}

Result<std::string> run_advert(const JsonCursor& entry) {
  SIGNET_ASSIGN(const Bytes expected, octets_of(entry, "service_data_ad"));
  SIGNET_ASSIGN(const Advert advert, advert_of(entry));
  Differences differences;
  SIGNET_TRY(compare(entry, "service_data_ad", service_data_ad(encode(advert)), differences));
  differences.compare("the advert read", "the same", read_back(expected, advert));
  return differences.text();
}

Result<std::string> run_message(const JsonCursor& entry) {
  Message message;
  SIGNET_ASSIGN(message.group, vectors::number_of<std::uint8_t>(entry, "group"));
  SIGNET_ASSIGN(message.code, vectors::number_of<std::uint8_t>(entry, "code"));
  SIGNET_ASSIGN(message.data, octets_of(entry, "data"));
  SIGNET_ASSIGN(const Bytes expected, octets_of(entry, "message"));
  Differences differences;
  SIGNET_TRY(compare(entry, "message", encode(message).value_or(Bytes{}), differences));
  const bool same = read_singly(expected) == std::vector<Message>{message};
  differences.compare("the message read", "the same", same ? "the same" : "another");
  return differences.text();
}

}  // namespace signet::fastpair
