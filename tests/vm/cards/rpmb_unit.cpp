#include "rpmb_unit.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/endian.h"
#include "rpmb/transport/ufs/scsi.h"

namespace signet::cards {
namespace {

using rpmb::Frame;
namespace scsi = rpmb::scsi;

constexpr std::uint8_t kTestUnitReady = 0x00;
constexpr std::uint8_t kInquiry = 0x12;
constexpr std::uint8_t kSecurityProtocolIn = 0xa2;
constexpr std::uint8_t kSecurityProtocolOut = 0xb5;
constexpr std::uint8_t kProtocolList = 0x00;
constexpr std::uint8_t kUfsProtocol = 0xec;
constexpr std::uint16_t kRpmbRegion0 = 0x0001;

constexpr std::uint8_t kCheckCondition = 2;
constexpr std::uint8_t kMediumError = 3;
constexpr std::uint8_t kIllegalRequest = 5;

ScsiAnswer check_condition(std::uint8_t key, std::uint8_t asc) {
  return {.status = kCheckCondition, .sense = {0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, asc, 0, 0, 0, 0, 0}};
}
ScsiAnswer unknown_command() { return check_condition(kIllegalRequest, 0x20); }
ScsiAnswer invalid_field() { return check_condition(kIllegalRequest, 0x24); }

ScsiAnswer inquiry(const ScsiCommand& command) {
  if ((command[1] & 1) != 0) return invalid_field();  // no vital product data
  constexpr std::string_view kNames = "SIGNET  EMULATED RPMB   0001";
  Bytes data{scsi::kWellKnownUnit, 0, 6, 2, 31, 0, 0, 0};
  append(data, as_bytes(kNames));
  return {.data = std::move(data)};
}

// The list of protocols: itself and that of UFS.
ScsiAnswer protocol_list() { return {.data = {0, 0, 0, 0, 0, 0, 0, 2, kProtocolList, kUfsProtocol}}; }

}  // namespace

ScsiAnswer RpmbUnit::execute(const ScsiCommand& command, BytesView data) {
  switch (command[0]) {
    case kTestUnitReady: return {};
    case kInquiry: return inquiry(command);
    case kSecurityProtocolIn:
      if (command[1] == kProtocolList) return protocol_list();
      return security_protocol(command, data);
    case kSecurityProtocolOut: return security_protocol(command, data);
    default: return unknown_command();
  }
}

ScsiAnswer RpmbUnit::security_protocol(const ScsiCommand& command, BytesView data) {
  if (++commands_ == reset_at_) {
    card_.port().reset();
    return check_condition(scsi::kUnitAttention, 0x29);  // power on, reset, or bus device reset occurred
  }
  const auto octets = load_be<std::uint32_t>(command, 6);
  const bool sends = command[0] == kSecurityProtocolOut;
  if (command[1] != kUfsProtocol || load_be<std::uint16_t>(command, 2) != kRpmbRegion0 || octets == 0 ||
      octets % rpmb::kFrameSize != 0 || octets > rpmb::kMaxReadFrames * rpmb::kFrameSize ||
      (sends && data.size() < octets)) {
    return invalid_field();
  }
  std::vector<Frame> frames(octets / rpmb::kFrameSize);
  const std::span bytes{frames.front().data(), octets};
  if (sends) {
    std::memcpy(bytes.data(), data.data(), octets);
    // Every write is a reliable one on UFS.
    return card_.write(frames, true) ? ScsiAnswer{} : check_condition(kMediumError, 0x0c);
  }
  if (!card_.read(frames)) return check_condition(kMediumError, 0x11);
  return {.data = {bytes.begin(), bytes.end()}};
}

}  // namespace signet::cards
