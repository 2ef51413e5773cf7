#include "fmdn/stream_messages.h"

#include <algorithm>

#include "base/endian.h"

namespace signet::fmdn {
namespace {

constexpr std::uint8_t kDeviceInformation = 0x03;
constexpr std::uint8_t kFirmwareVersion = 0x09;
constexpr std::uint8_t kCurrentEid = 0x0b;
constexpr std::uint8_t kCapabilities = 0x06;
constexpr std::uint8_t kUpdateRequest = 0x01;
constexpr std::uint8_t kTracking = 0x03;

Bytes message(std::uint8_t group, std::uint8_t code, BytesView data) {
  Bytes octets{group, code, 0, 0};
  store_be(octets, 2, static_cast<std::uint16_t>(data.size()));
  append(octets, data);
  return octets;
}

}  // namespace

Bytes firmware_version_message(std::string_view version) {
  return message(kDeviceInformation, kFirmwareVersion, as_bytes(version.substr(0, UINT16_MAX)));
}

Bytes current_eid_message(std::uint32_t clock, BytesView eid) {
  Bytes data(sizeof clock);
  store_be(data, 0, clock);
  append(data, eid);
  return message(kDeviceInformation, kCurrentEid, data);
}

Bytes tracking_message(bool provisioned, const std::array<std::uint8_t, 6>& address) {
  Bytes data{static_cast<std::uint8_t>(provisioned ? 1 : 0)};
  append(data, address);
  return message(kCapabilities, kTracking, data);
}

bool is_capability_update_request(BytesView octets) {
  return std::ranges::equal(octets, message(kCapabilities, kUpdateRequest, {}));
}

}  // namespace signet::fmdn
