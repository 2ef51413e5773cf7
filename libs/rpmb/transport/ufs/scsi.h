// SCSI command blocks and answers that RPMB on UFS needs (SPC-4; JESD220 12.4.7). Octets in, octets out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace signet::rpmb::scsi {

inline constexpr std::uint32_t kRpmbLun = 49476;      // 0xC144: the well-known unit 44h as SCSI numbers it
inline constexpr std::uint8_t kWellKnownUnit = 0x1e;  // peripheral device type
inline constexpr std::size_t kInquirySize = 36;       // standard INQUIRY data

using Command = std::array<std::uint8_t, 12>;

// RPMB region 0..3 of a UFS device. `octets`: length of the data, a multiple of 512.
Command security_protocol_out(std::uint8_t region, std::uint32_t octets);
Command security_protocol_in(std::uint8_t region, std::uint32_t octets);
Command inquiry();  // answered with kInquirySize octets; a 6-octet command, the rest is zero

// Whether standard INQUIRY data are those of a well-known logical unit that is connected.
bool is_well_known_unit(BytesView inquiry_data);

struct Sense {
  std::uint8_t key = 0;
  std::uint8_t asc = 0;   // additional sense code
  std::uint8_t ascq = 0;  // and its qualifier
  bool operator==(const Sense&) const = default;
};
inline constexpr std::uint8_t kUnitAttention = 6;  // the command was not carried out; something happened before it

// Fixed and descriptor format, current and deferred. Nothing for octets that are no sense data.
std::optional<Sense> parse_sense(BytesView octets);

// What the administrator sees: "sense 6/29/00".
std::string to_string(const Sense& sense);

}  // namespace signet::rpmb::scsi
