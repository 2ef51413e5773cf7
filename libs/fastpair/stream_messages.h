// The messages of the stream that matter to a Provider, those of the FMDN specification among them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "fastpair/address.h"
#include "fastpair/advert.h"
#include "fastpair/message_stream.h"

namespace signet::fastpair {

namespace group {
inline constexpr std::uint8_t kBluetooth = 0x01;
inline constexpr std::uint8_t kCompanion = 0x02;
inline constexpr std::uint8_t kDeviceInformation = 0x03;
inline constexpr std::uint8_t kDeviceAction = 0x04;
inline constexpr std::uint8_t kDeviceCapability = 0x06;
inline constexpr std::uint8_t kAcknowledgement = 0xff;
}  // namespace group

inline constexpr std::size_t kSessionNonceSize = 8;
using SessionNonce = std::array<std::uint8_t, kSessionNonceSize>;

enum class NakReason : std::uint8_t { unsupported = 0, device_busy = 1, not_allowed = 2, bad_mac = 3, redundant = 4 };

// ---- from the Provider ----

Message silence_mode(bool enable);
Message log_buffer_full();
Message model_id_message(const ModelId& model_id);
Message ble_address(const Address& address);  // at the beginning, and again when the address has changed
Message battery_levels(const std::array<std::uint8_t, 3>& levels);
Message battery_minutes(std::uint16_t minutes);  // one octet when it fits
Message active_components(std::uint8_t components);
Message firmware_version(std::string_view version);
Message session_nonce(const SessionNonce& nonce);
Message current_eid(std::uint32_t clock, BytesView eid);          // FMDN; `eid`: 20 or 32 octets
Message fmdn_tracking(bool provisioned, const Address& address);  // FMDN; the answer to a capability update request
Message acknowledge(const Message& message);
Message refuse(const Message& message, NakReason reason);

// What a Provider says when a stream opens.
struct Greeting {
  ModelId model_id{};
  Address address{};
  SessionNonce nonce{};  // new for every stream
  std::optional<std::array<std::uint8_t, 3>> battery;
  std::string firmware_version;
  struct Eid {
    std::uint32_t clock = 0;
    Bytes eid;
  };
  std::optional<Eid> eid;  // when provisioned
};
std::vector<Message> greet(const Greeting& greeting);  // in the order in which they are to be sent

// ---- from the Seeker ----

struct ActiveComponentsRequest {};
struct Capabilities {
  bool companion_app = false;
  bool silence_mode = false;
};
struct Platform {
  std::uint8_t type = 0;  // 0x01 Android
  std::uint8_t build = 0;
};
enum class RingComponents : std::uint8_t { none = 0, right = 1, left = 2, both = 3 };
struct RingRequest {  // wants an acknowledgement
  RingComponents components = RingComponents::none;
  std::optional<std::uint8_t> timeout_s;
};
struct CapabilityUpdateRequest {};
struct Acknowledgement {  // of a message of ours
  bool accepted = false;
  std::uint8_t reason = 0;  // of a refusal, see NakReason
  std::uint8_t group = 0;
  std::uint8_t code = 0;
};
struct UnknownMessage {};    // to be passed over
struct MalformedMessage {};  // a known one whose data are not as they should be: refuse it if it wants an answer
using FromSeeker = std::variant<UnknownMessage, MalformedMessage, ActiveComponentsRequest, Capabilities, Platform,
                                RingRequest, CapabilityUpdateRequest, Acknowledgement>;

FromSeeker parse_from_seeker(const Message& message);

// The value of the Message Stream PSM characteristic; nothing: the channel is not ready.
std::array<std::uint8_t, 3> psm_value(std::optional<std::uint16_t> psm);

}  // namespace signet::fastpair
