// The words of the DULT accessory protocol (IETF draft-ietf-dult-accessory-protocol) and how they lie in octets: an
// opcode of two octets, then its operand. Integers are little endian, unlike those of FMDN; byte strings are as they
// are.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace signet::dult {

inline constexpr std::string_view kServiceUuid = "15190001-12f4-c226-88ed-2ac5579f2a85";
inline constexpr std::string_view kCharacteristicUuid = "8e0c0001-1d68-fb92-bf61-48377421680e";

// Counted from any instant, the same in one process. Never goes back.
using Time = std::chrono::milliseconds;

enum class Opcode : std::uint16_t {
  get_product_data = 0x0003,
  get_manufacturer_name = 0x0004,
  get_model_name = 0x0005,
  get_accessory_category = 0x0006,
  get_protocol_implementation_version = 0x0007,
  get_accessory_capabilities = 0x0008,
  get_network_id = 0x0009,
  get_firmware_version = 0x000a,
  get_battery_type = 0x000b,
  get_battery_level = 0x000c,
  get_network_version = 0x000d,
  sound_start = 0x0300,
  sound_stop = 0x0301,
  command_response = 0x0302,  // this and the following one travel to the non-owner only
  sound_completed = 0x0303,
  get_identifier = 0x0404,
  get_identifier_response = 0x0405,
};

// What answers the request for a piece of information.
constexpr std::uint16_t response_to(Opcode request) { return static_cast<std::uint16_t>(request) | 0x0800; }

enum class Status : std::uint16_t {
  success = 0x0000,
  invalid_state = 0x0001,
  invalid_configuration = 0x0002,
  invalid_length = 0x0003,
  invalid_param = 0x0004,
  invalid_command = 0xffff,
};

// Bits of Get_Accessory_Capabilities.
inline constexpr std::uint32_t kPlaysSound = 1U << 0;
inline constexpr std::uint32_t kDetectsMotion = 1U << 1;
inline constexpr std::uint32_t kLookupByNfc = 1U << 2;
inline constexpr std::uint32_t kLookupByBle = 1U << 3;
inline constexpr std::uint32_t kReservedCapabilities = ~std::uint32_t{0x1ff};  // bits 4 to 8 are private

enum class NetworkId : std::uint8_t { apple = 1, google = 2 };
enum class BatteryType : std::uint8_t { powered = 0, non_rechargeable = 1, rechargeable = 2 };
enum class BatteryLevel : std::uint8_t { full = 0, medium = 1, low = 2, critically_low = 3 };

struct Version {
  std::uint16_t major = 0;
  std::uint8_t minor = 0;
  std::uint8_t revision = 0;
  bool operator==(const Version&) const = default;
};
inline constexpr Version kProtocolVersion{1, 0, 0};

constexpr std::uint32_t packed(Version version) {
  return std::uint32_t{version.major} << 16 | std::uint32_t{version.minor} << 8 | version.revision;
}
constexpr Version unpacked_version(std::uint32_t number) {
  return {static_cast<std::uint16_t>(number >> 16), static_cast<std::uint8_t>(number >> 8),
          static_cast<std::uint8_t>(number)};
}

Bytes message(std::uint16_t opcode, BytesView operand = {});
Bytes message(Opcode opcode, BytesView operand = {});
Bytes command_response(std::uint16_t answered, Status status);

// "Get_Battery_Level", "invalid state", "non-rechargeable"; "0x0e00", "7" for what has no name.
std::string opcode_name(std::uint16_t opcode);
std::string status_name(std::uint16_t status);
std::string network_name(std::uint8_t id);
std::string battery_type_name(std::uint8_t type);
std::string battery_level_name(std::uint8_t level);
std::string to_string(Version version);                     // "1.0.0"
std::string capabilities_text(std::uint32_t capabilities);  // "play sound, lookup by BLE"; "none"

}  // namespace signet::dult
