// The kernel's Bluetooth management interface as octets: commands to it, replies and events from it (BlueZ,
// "Bluetooth Management API"). Little-endian; six octets of header: code, controller index, length of the rest.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "bluez/advertising.h"

namespace signet::bluez::management {

inline constexpr std::uint16_t kNoIndex = 0xffff;

enum class Opcode : std::uint16_t {
  read_index_list = 0x0003,
  read_information = 0x0004,
  read_advertising_features = 0x003d,
  add_advertising = 0x003e,
  remove_advertising = 0x003f,
  add_extended_parameters = 0x0054,
  add_extended_data = 0x0055,
};

enum class Status : std::uint8_t {
  success = 0x00,
  unknown_command = 0x01,
  failed = 0x03,
  no_resources = 0x07,
  busy = 0x0a,
  rejected = 0x0b,
  not_supported = 0x0c,
  invalid_parameters = 0x0d,
  not_powered = 0x0f,
  invalid_index = 0x11,
  rfkilled = 0x12,
  permission_denied = 0x14,
};

// Bits of supported and current settings.
inline constexpr std::uint32_t kPowered = 1U << 0;
inline constexpr std::uint32_t kClassic = 1U << 7;  // BR/EDR
inline constexpr std::uint32_t kLowEnergy = 1U << 9;
inline constexpr std::uint32_t kPrivacy = 1U << 13;
inline constexpr std::uint32_t kLinkLayerPrivacy = 1U << 22;

// Flags of an advertising instance. None of those that let the kernel write into the data: they are octet-exact.
inline constexpr std::uint32_t kConnectable = 1U << 0;
inline constexpr std::uint32_t kSecondary1M = 1U << 7;  // extended PDUs; supported = the controller has them
inline constexpr std::uint32_t kWithDuration = 1U << 12;
inline constexpr std::uint32_t kWithIntervals = 1U << 14;

// --- commands: whole frames ---

struct Parameters {
  std::uint8_t instance = 0;
  std::uint32_t flags = 0;
  std::uint16_t duration_s = 0;  // the share of a legacy controller's one slot
  std::uint32_t interval = 0;    // in 0.625 ms: least and greatest
};

Bytes read_index_list();
Bytes read_information(std::uint16_t index);
Bytes read_advertising_features(std::uint16_t index);
Bytes add_extended_parameters(std::uint16_t index, const Parameters& parameters);
Bytes add_extended_data(std::uint16_t index, std::uint8_t instance, BytesView data);       // at most 255 octets
Bytes add_advertising(std::uint16_t index, const Parameters& parameters, BytesView data);  // knows no interval
Bytes remove_advertising(std::uint16_t index, std::uint8_t instance);

// --- what the kernel says ---

struct CommandDone {  // Command Complete or Command Status
  std::uint16_t index = kNoIndex;
  Opcode opcode{};
  Status status{};
  Bytes parameters;
};
struct IndexAdded {
  std::uint16_t index;
};
struct IndexRemoved {
  std::uint16_t index;
};
struct NewSettings {
  std::uint16_t index;
  std::uint32_t current;
};
struct Connected {
  std::uint16_t index;
};
struct AdvertisingRemoved {
  std::uint16_t index;
  std::uint8_t instance;
};
struct Resumed {
  std::uint16_t index;
};
struct Other {
  std::uint16_t index;
  std::uint16_t code;
};
using Event =
    std::variant<CommandDone, IndexAdded, IndexRemoved, NewSettings, Connected, AdvertisingRemoved, Resumed, Other>;

// Takes any octets. io: shorter than it says or than its kind demands. Octets beyond a kind's known fields are ignored:
// later kernels may add some.
Result<Event> decode(BytesView frame);

struct Information {
  DeviceAddress address{};
  std::uint32_t supported = 0;
  std::uint32_t current = 0;
};
struct AdvertisingFeatures {
  std::uint32_t flags = 0;
  std::uint8_t longest_data = 0;
  std::uint8_t instances = 0;           // at most at once
  std::vector<std::uint8_t> present{};  // in use now
};

// Of the parameters of a successful CommandDone; any octets. io: too short.
Result<std::vector<std::uint16_t>> decode_index_list(BytesView parameters);
Result<Information> decode_information(BytesView parameters);
Result<AdvertisingFeatures> decode_advertising_features(BytesView parameters);

// "busy", or "status 0x42".
std::string describe(Status status);

}  // namespace signet::bluez::management
