// The frame that a beacon advertises (FMDN specification, "Advertised frames", tables 8 and 9).
#pragma once

#include <cstdint>
#include <optional>

#include "fmdn/eid.h"

namespace signet::fmdn {

enum class Battery : std::uint8_t { unsupported = 0, normal = 1, low = 2, critical = 3 };

struct FrameFlags {
  Battery battery = Battery::unsupported;
  bool unwanted_tracking = false;  // unwanted-tracking protection is on
};

// The flags before they are hidden: reserved bits 0, battery in 0x06, mode in 0x01.
std::uint8_t flags_octet(const FrameFlags& flags);

// The advertising payload with its flags structure first: 29 octets on secp160r1, 41 on secp256r1. Without the octet of
// hashed flags, one less, when there is nothing to say in it and `omit_empty_flags`.
Bytes frame(const Identity& identity, const FrameFlags& flags, bool omit_empty_flags = false);

// What anyone sees in a frame.
struct SeenFrame {
  Bytes eid;  // 20 or 32 octets
  bool unwanted_tracking = false;
  std::optional<std::uint8_t> hidden_flags;  // the owner takes the mask off
};

// Out of the octets of the service data of UUID 0xFEAA, without the UUID. Nothing when they are another frame's.
std::optional<SeenFrame> parse_frame(BytesView service_data);

// The inverse of flags_octet. Nothing when reserved bits are set: then the mask is another identifier's.
std::optional<FrameFlags> parse_flags(std::uint8_t octet);

}  // namespace signet::fmdn
