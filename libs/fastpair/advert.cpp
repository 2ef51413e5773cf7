#include "fastpair/advert.h"

#include <algorithm>

#include "base/endian.h"
#include "fastpair/account_key_filter.h"

namespace signet::fastpair {
namespace {

constexpr std::uint8_t kServiceDataType = 0x16;
constexpr std::uint8_t kVersionAndFlags = 0x00;

constexpr std::uint8_t kFilterShow = 0x0;
constexpr std::uint8_t kSaltType = 0x1;
constexpr std::uint8_t kFilterHide = 0x2;
constexpr std::uint8_t kBatteryShow = 0x3;
constexpr std::uint8_t kBatteryHide = 0x4;
constexpr std::size_t kMostInField = 15;

void append_field(Bytes& to, std::uint8_t type, BytesView octets) {
  octets = octets.first(std::min(octets.size(), kMostInField));
  to.push_back(static_cast<std::uint8_t>((octets.size() << 4) | type));
  append(to, octets);
}

Bytes encode_one(const Discoverable& advert) { return {advert.model_id.begin(), advert.model_id.end()}; }

Bytes encode_one(const NonDiscoverable& advert) {
  Bytes out{kVersionAndFlags};
  if (advert.filter.empty()) {
    out.push_back(0x00);
    return out;
  }
  append_field(out, advert.show_ui ? kFilterShow : kFilterHide, advert.filter);
  append_field(out, kSaltType, advert.salt);
  if (advert.battery) append(out, encode(*advert.battery));
  return out;
}

Failure twice(const char* field) {
  return fail(Errc::invalid_argument, std::string{"Fast Pair advert: "} + field + " is there twice");
}

// Takes the fields of an advert one by one.
class FieldReader {
 public:
  Result<void> take(std::uint8_t type, BytesView octets) {
    switch (type) {
      case kFilterShow:
      case kFilterHide: return take_filter(type == kFilterShow, octets);
      case kSaltType: return take_salt(octets);
      case kBatteryShow:
      case kBatteryHide: return take_battery(type == kBatteryShow, octets);
      default: return {};
    }
  }

  Result<Advert> finish() {
    if (!filter_) return fail(Errc::invalid_argument, "Fast Pair advert: there is no account key filter");
    if (!advert_.filter.empty() && advert_.salt.empty()) {
      return fail(Errc::invalid_argument, "Fast Pair advert: there is a filter but no salt");
    }
    return Advert{std::move(advert_)};
  }

 private:
  Result<void> take_filter(bool show_ui, BytesView octets) {
    if (filter_) return twice("the filter");
    filter_ = true;
    advert_.show_ui = show_ui;
    advert_.filter.assign(octets.begin(), octets.end());
    return {};
  }
  Result<void> take_salt(BytesView octets) {
    if (!advert_.salt.empty()) return twice("the salt");
    if (octets.empty() || octets.size() > kSaltSize) {
      return fail(Errc::invalid_argument, "Fast Pair advert: the salt is not of 1 or 2 octets");
    }
    advert_.salt.assign(octets.begin(), octets.end());
    return {};
  }
  Result<void> take_battery(bool show_ui, BytesView octets) {
    if (advert_.battery) return twice("the battery field");
    BatteryField field{.show_ui = show_ui};
    if (octets.size() != field.levels.size()) {
      return fail(Errc::invalid_argument, "Fast Pair advert: the battery field is not of 3 octets");
    }
    std::ranges::copy(octets, field.levels.begin());
    advert_.battery = field;
    return {};
  }

  NonDiscoverable advert_;
  bool filter_ = false;
};

}  // namespace

Bytes encode(const BatteryField& field) {
  Bytes out;
  append_field(out, field.show_ui ? kBatteryShow : kBatteryHide, field.levels);
  return out;
}

NonDiscoverable non_discoverable(std::span<const AccountKey> keys, BytesView salt,
                                 const std::optional<BatteryField>& battery, bool show_ui) {
  if (keys.empty()) return {};
  return {.show_ui = show_ui,
          .filter = make_filter(keys, salt, battery ? encode(*battery) : Bytes{}),
          .salt = {salt.begin(), salt.end()},
          .battery = battery};
}

bool may_hold(const NonDiscoverable& advert, const AccountKey& key) {
  return may_hold(advert.filter, key, advert.salt, advert.battery ? encode(*advert.battery) : Bytes{});
}

Bytes encode(const Advert& advert) {
  return std::visit([](const auto& kind) { return encode_one(kind); }, advert);
}

Bytes service_data_ad(BytesView service_data) {
  Bytes out{static_cast<std::uint8_t>(3 + service_data.size()), kServiceDataType};
  append_le(out, kServiceUuid);
  append(out, service_data);
  return out;
}

Result<Advert> parse_advert(BytesView service_data) {
  if (service_data.size() == ModelId{}.size()) {
    Discoverable advert;
    std::ranges::copy(service_data, advert.model_id.begin());
    return Advert{advert};
  }
  if (service_data.size() < 2) return fail(Errc::invalid_argument, "Fast Pair advert: shorter than 2 octets");
  if (service_data[0] != kVersionAndFlags) return fail(Errc::unsupported, "Fast Pair advert: its version is not known");

  FieldReader fields;
  for (BytesView rest = service_data.subspan(1); !rest.empty();) {
    const std::size_t size = rest[0] >> 4;
    if (size + 1 > rest.size()) return fail(Errc::invalid_argument, "Fast Pair advert: a field is cut off");
    SIGNET_TRY(fields.take(rest[0] & 0x0f, rest.subspan(1, size)));
    rest = rest.subspan(1 + size);
  }
  return fields.finish();
}

std::optional<BytesView> find_service_data(BytesView ad_structures) {
  while (!ad_structures.empty()) {
    const std::size_t size = ad_structures[0];
    if (size == 0 || size + 1 > ad_structures.size()) return std::nullopt;  // the rest is padding, or cut off
    const BytesView structure = ad_structures.subspan(1, size);
    if (size >= 3 && structure[0] == kServiceDataType && load_le<std::uint16_t>(structure, 1) == kServiceUuid) {
      return structure.subspan(3);
    }
    ad_structures = ad_structures.subspan(1 + size);
  }
  return std::nullopt;
}

}  // namespace signet::fastpair
