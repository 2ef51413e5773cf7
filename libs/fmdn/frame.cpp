#include "fmdn/frame.h"

namespace signet::fmdn {
namespace {

constexpr std::uint8_t kFrame = 0x40;
constexpr std::uint8_t kFrameUnwantedTracking = 0x41;
constexpr std::uint8_t kServiceData16 = 0x16;                   // AD type
constexpr std::uint8_t kFlagsStructure[] = {0x02, 0x01, 0x06};  // LE general discoverable, no BR/EDR
constexpr std::uint8_t kUuid[] = {0xaa, 0xfe};                  // 0xFEAA, little-endian

constexpr std::uint8_t kUnwantedTrackingBit = 0x01;
constexpr std::uint8_t kReservedBits = 0xf8;

}  // namespace

std::uint8_t flags_octet(const FrameFlags& flags) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(flags.battery) << 1 |
                                   (flags.unwanted_tracking ? kUnwantedTrackingBit : 0U));
}

Bytes frame(const Identity& identity, const FrameFlags& flags, bool omit_empty_flags) {
  const bool with_flags = !omit_empty_flags || flags_octet(flags) != 0;
  Bytes octets{std::begin(kFlagsStructure), std::end(kFlagsStructure)};
  octets.push_back(static_cast<std::uint8_t>(identity.eid.size() + (with_flags ? 5 : 4)));  // type, UUID, frame type
  octets.push_back(kServiceData16);
  append(octets, kUuid);
  octets.push_back(flags.unwanted_tracking ? kFrameUnwantedTracking : kFrame);
  append(octets, identity.eid);
  if (with_flags) octets.push_back(flags_octet(flags) ^ identity.flags_mask);
  return octets;
}

std::optional<SeenFrame> parse_frame(BytesView service_data) {
  const std::size_t size = service_data.size();
  const bool fits = size == 21 || size == 22 || size == 33 || size == 34;
  if (!fits || (service_data[0] != kFrame && service_data[0] != kFrameUnwantedTracking)) return std::nullopt;
  const BytesView eid = service_data.subspan(1, size < 33 ? 20 : 32);
  SeenFrame seen{.eid = {eid.begin(), eid.end()},
                 .unwanted_tracking = service_data[0] == kFrameUnwantedTracking,
                 .hidden_flags = {}};
  if (size > 1 + eid.size()) seen.hidden_flags = service_data.back();
  return seen;
}

std::optional<FrameFlags> parse_flags(std::uint8_t octet) {
  if ((octet & kReservedBits) != 0) return std::nullopt;
  return FrameFlags{.battery = static_cast<Battery>(octet >> 1), .unwanted_tracking = (octet & 1) != 0};
}

}  // namespace signet::fmdn
