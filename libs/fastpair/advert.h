// Fast Pair adverts: service data of UUID 0xFE2C (Fast Pair specification, "Advertising: when discoverable" and "when
// not discoverable").
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "fastpair/account_keys.h"

namespace signet::fastpair {

inline constexpr std::uint16_t kServiceUuid = 0xfe2c;
inline constexpr std::size_t kSaltSize = 2;
using ModelId = std::array<std::uint8_t, 3>;  // big endian
using Salt = std::array<std::uint8_t, kSaltSize>;

// One octet of a battery field or message: bit 7 charging, the rest per cent or 0x7f for unknown.
constexpr std::uint8_t battery_octet(std::optional<unsigned> percent, bool charging) {
  const unsigned level = percent && *percent <= 100 ? *percent : 0x7f;
  return static_cast<std::uint8_t>(level | (charging ? 0x80u : 0u));
}

struct BatteryField {
  bool show_ui = true;
  std::array<std::uint8_t, 3> levels{};  // left, right, case; see battery_octet()
  bool operator==(const BatteryField&) const = default;
};
Bytes encode(const BatteryField& field);  // 4 octets with the header

// An advert when not discoverable. Without keys it is the filter that is empty, and nothing else is there.
struct NonDiscoverable {
  bool show_ui = true;
  Bytes filter;
  Bytes salt;  // 2 octets, or 1 as in an older revision
  std::optional<BatteryField> battery;
  bool operator==(const NonDiscoverable&) const = default;
};
struct Discoverable {
  ModelId model_id{};
  bool operator==(const Discoverable&) const = default;
};
using Advert = std::variant<Discoverable, NonDiscoverable>;

// The advert for these keys. `salt` must be new each time the address changes.
NonDiscoverable non_discoverable(std::span<const AccountKey> keys, BytesView salt,
                                 const std::optional<BatteryField>& battery, bool show_ui);

// Whether the advert may come from a Provider that has `key`.
bool may_hold(const NonDiscoverable& advert, const AccountKey& key);

// The service data after the UUID. A field has room for 15 octets: what is longer is cut off.
Bytes encode(const Advert& advert);

// The same as an AD structure: length, type 0x16, UUID in little endian, data. At most 31 octets for what encode()
// makes.
Bytes service_data_ad(BytesView service_data);

// Of service data after the UUID, from anybody. Fields of unknown types are passed over. Errors: unsupported: another
// version; invalid_argument: names what does not fit.
Result<Advert> parse_advert(BytesView service_data);

// The Fast Pair service data, without the UUID, in the AD structures of an advert. Nothing when there is none, or the
// structures are malformed before it.
std::optional<BytesView> find_service_data(BytesView ad_structures);

}  // namespace signet::fastpair
