#include "rpmb/transport/ufs/scsi.h"

#include "base/endian.h"
#include "base/hex.h"

namespace signet::rpmb::scsi {
namespace {

constexpr std::uint8_t kSecurityProtocolIn = 0xa2;
constexpr std::uint8_t kSecurityProtocolOut = 0xb5;
constexpr std::uint8_t kInquiry = 0x12;
constexpr std::uint8_t kUfsProtocol = 0xec;  // JEDEC Universal Flash Storage
constexpr std::uint8_t kRpmbProtocolId = 0x01;

Command security_protocol(std::uint8_t operation, std::uint8_t region, std::uint32_t octets) {
  Command command{operation, kUfsProtocol, region, kRpmbProtocolId};
  store_be(command, 6, octets);
  return command;
}

}  // namespace

Command security_protocol_out(std::uint8_t region, std::uint32_t octets) {
  return security_protocol(kSecurityProtocolOut, region, octets);
}

Command security_protocol_in(std::uint8_t region, std::uint32_t octets) {
  return security_protocol(kSecurityProtocolIn, region, octets);
}

Command inquiry() {
  Command command{kInquiry};
  store_be(command, 3, std::uint16_t{kInquirySize});
  return command;
}

bool is_well_known_unit(BytesView inquiry_data) {
  // The high bits of the octet are the peripheral qualifier; 0: the unit is there.
  return !inquiry_data.empty() && inquiry_data[0] == kWellKnownUnit;
}

std::optional<Sense> parse_sense(BytesView octets) {
  if (octets.empty()) return {};
  switch (octets[0] & 0x7f) {
    case 0x70:
    case 0x71:  // fixed format
      if (octets.size() < 14) return {};
      return Sense{static_cast<std::uint8_t>(octets[2] & 0x0f), octets[12], octets[13]};
    case 0x72:
    case 0x73:  // descriptor format
      if (octets.size() < 4) return {};
      return Sense{static_cast<std::uint8_t>(octets[1] & 0x0f), octets[2], octets[3]};
    default: return {};
  }
}

std::string to_string(const Sense& sense) {
  const auto hex = [](std::uint8_t octet) { return to_hex({&octet, 1}); };
  return "sense " + hex(sense.key) + "/" + hex(sense.asc) + "/" + hex(sense.ascq);
}

}  // namespace signet::rpmb::scsi
