#include "fastpair/stream_messages.h"

#include "base/endian.h"

namespace signet::fastpair {
namespace {

namespace information {
constexpr std::uint8_t kModelId = 0x01;
constexpr std::uint8_t kBleAddress = 0x02;
constexpr std::uint8_t kBattery = 0x03;
constexpr std::uint8_t kBatteryMinutes = 0x04;
constexpr std::uint8_t kActiveComponentsRequest = 0x05;
constexpr std::uint8_t kActiveComponents = 0x06;
constexpr std::uint8_t kCapabilities = 0x07;
constexpr std::uint8_t kPlatform = 0x08;
constexpr std::uint8_t kFirmwareVersion = 0x09;
constexpr std::uint8_t kSessionNonce = 0x0a;
constexpr std::uint8_t kCurrentEid = 0x0b;
}  // namespace information

constexpr std::uint8_t kEnableSilence = 0x01;
constexpr std::uint8_t kDisableSilence = 0x02;
constexpr std::uint8_t kLogBufferFull = 0x01;
constexpr std::uint8_t kRing = 0x01;
constexpr std::uint8_t kCapabilityUpdate = 0x01;
constexpr std::uint8_t kFmdnTracking = 0x03;
constexpr std::uint8_t kAck = 0x01;
constexpr std::uint8_t kNak = 0x02;

Message information_message(std::uint8_t code, BytesView data) {
  return {.group = group::kDeviceInformation, .code = code, .data = {data.begin(), data.end()}};
}

FromSeeker parse_information(const Message& message) {
  const Bytes& data = message.data;
  switch (message.code) {
    case information::kActiveComponentsRequest:
      if (!data.empty()) return MalformedMessage{};
      return ActiveComponentsRequest{};
    case information::kCapabilities:
      if (data.size() != 1) return MalformedMessage{};
      return Capabilities{.companion_app = (data[0] & 0x01) != 0, .silence_mode = (data[0] & 0x02) != 0};
    case information::kPlatform:
      if (data.size() != 2) return MalformedMessage{};
      return Platform{.type = data[0], .build = data[1]};
    default: return UnknownMessage{};
  }
}

FromSeeker parse_ring(const Bytes& data) {
  if (data.empty() || data.size() > 2 || data[0] > static_cast<std::uint8_t>(RingComponents::both)) {
    return MalformedMessage{};
  }
  RingRequest request{.components = static_cast<RingComponents>(data[0]), .timeout_s = std::nullopt};
  if (data.size() == 2) request.timeout_s = data[1];
  return request;
}

FromSeeker parse_acknowledgement(const Message& message) {
  const Bytes& data = message.data;
  if (message.code != kAck && message.code != kNak) return UnknownMessage{};
  const bool accepted = message.code == kAck;
  const std::size_t at = accepted ? 0 : 1;
  if (data.size() < at + 2) return MalformedMessage{};  // what follows is the answer's own, if it has any
  return Acknowledgement{
      .accepted = accepted, .reason = accepted ? std::uint8_t{0} : data[0], .group = data[at], .code = data[at + 1]};
}

}  // namespace

Message silence_mode(bool enable) {
  return {.group = group::kBluetooth, .code = enable ? kEnableSilence : kDisableSilence, .data = {}};
}
Message log_buffer_full() { return {.group = group::kCompanion, .code = kLogBufferFull, .data = {}}; }
Message model_id_message(const ModelId& model_id) { return information_message(information::kModelId, model_id); }
Message ble_address(const Address& address) { return information_message(information::kBleAddress, address); }
Message battery_levels(const std::array<std::uint8_t, 3>& levels) {
  return information_message(information::kBattery, levels);
}
Message battery_minutes(std::uint16_t minutes) {
  Bytes data{static_cast<std::uint8_t>(minutes >> 8), static_cast<std::uint8_t>(minutes)};
  if (minutes <= 0xff) data.erase(data.begin());
  return information_message(information::kBatteryMinutes, data);
}
Message active_components(std::uint8_t components) {
  return information_message(information::kActiveComponents, {&components, 1});
}
Message firmware_version(std::string_view version) {
  return information_message(information::kFirmwareVersion, as_bytes(version));
}
Message session_nonce(const SessionNonce& nonce) { return information_message(information::kSessionNonce, nonce); }

Message current_eid(std::uint32_t clock, BytesView eid) {
  Bytes data(sizeof clock);
  store_be(std::span{data}, 0, clock);
  append(data, eid);
  return information_message(information::kCurrentEid, data);
}

Message fmdn_tracking(bool provisioned, const Address& address) {
  Bytes data{static_cast<std::uint8_t>(provisioned ? 0x01 : 0x00)};
  append(data, address);
  return {.group = group::kDeviceCapability, .code = kFmdnTracking, .data = std::move(data)};
}

Message acknowledge(const Message& message) {
  return {.group = group::kAcknowledgement, .code = kAck, .data = {message.group, message.code}};
}
Message refuse(const Message& message, NakReason reason) {
  return {.group = group::kAcknowledgement,
          .code = kNak,
          .data = {static_cast<std::uint8_t>(reason), message.group, message.code}};
}

std::vector<Message> greet(const Greeting& greeting) {
  std::vector<Message> messages{model_id_message(greeting.model_id), ble_address(greeting.address),
                                session_nonce(greeting.nonce)};
  if (greeting.battery) messages.push_back(battery_levels(*greeting.battery));
  if (!greeting.firmware_version.empty()) messages.push_back(firmware_version(greeting.firmware_version));
  if (greeting.eid) messages.push_back(current_eid(greeting.eid->clock, greeting.eid->eid));
  return messages;
}

FromSeeker parse_from_seeker(const Message& message) {
  switch (message.group) {
    case group::kDeviceInformation: return parse_information(message);
    case group::kAcknowledgement: return parse_acknowledgement(message);
    case group::kDeviceAction:
      if (message.code != kRing) return UnknownMessage{};
      return parse_ring(message.data);
    case group::kDeviceCapability:
      if (message.code != kCapabilityUpdate) return UnknownMessage{};
      if (!message.data.empty()) return MalformedMessage{};
      return CapabilityUpdateRequest{};
    default: return UnknownMessage{};
  }
}

std::array<std::uint8_t, 3> psm_value(std::optional<std::uint16_t> psm) {
  std::array<std::uint8_t, 3> value{static_cast<std::uint8_t>(psm ? 0x01 : 0x00)};
  store_be(std::span{value}, 1, psm.value_or(0));
  return value;
}

}  // namespace signet::fastpair
