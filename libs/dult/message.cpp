#include "dult/message.h"

#include <array>

#include "base/endian.h"
#include "base/hex.h"

namespace signet::dult {
namespace {

struct Name {
  std::uint32_t value;
  std::string_view text;
};

// Requests for information; the response to each has the same name.
constexpr std::array kInformation{
    Name{0x0003, "Product_Data"},
    Name{0x0004, "Manufacturer_Name"},
    Name{0x0005, "Model_Name"},
    Name{0x0006, "Accessory_Category"},
    Name{0x0007, "Protocol_Implementation_Version"},
    Name{0x0008, "Accessory_Capabilities"},
    Name{0x0009, "Network_ID"},
    Name{0x000a, "Firmware_Version"},
    Name{0x000b, "Battery_Type"},
    Name{0x000c, "Battery_Level"},
    Name{0x000d, "Network_Version"},
};

constexpr std::array kControls{
    Name{0x0300, "Sound_Start"},     Name{0x0301, "Sound_Stop"},     Name{0x0302, "Command_Response"},
    Name{0x0303, "Sound_Completed"}, Name{0x0404, "Get_Identifier"}, Name{0x0405, "Get_Identifier_Response"},
};

constexpr std::array kStatuses{
    Name{0x0000, "success"},        Name{0x0001, "invalid state"},     Name{0x0002, "invalid configuration"},
    Name{0x0003, "invalid length"}, Name{0x0004, "invalid parameter"}, Name{0xffff, "invalid command"},
};

constexpr std::array kCapabilities{
    Name{kPlaysSound, "play sound"},
    Name{kDetectsMotion, "motion detector"},
    Name{kLookupByNfc, "lookup by NFC"},
    Name{kLookupByBle, "lookup by BLE"},
};

template <class Names>
std::string_view find_name(const Names& names, std::uint32_t value) {
  for (const Name& name : names) {
    if (name.value == value) return name.text;
  }
  return {};
}

std::string hexadecimal(std::uint16_t value) {
  const std::array octets{static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
  return "0x" + to_hex(octets);
}

template <std::size_t Size>
std::string choice(const std::array<std::string_view, Size>& names, std::uint8_t value) {
  return value < Size ? std::string{names[value]} : std::to_string(value);
}

}  // namespace

Bytes message(std::uint16_t opcode, BytesView operand) {
  Bytes octets;
  append_le(octets, opcode);
  append(octets, operand);
  return octets;
}

Bytes message(Opcode opcode, BytesView operand) { return message(static_cast<std::uint16_t>(opcode), operand); }

Bytes command_response(std::uint16_t answered, Status status) {
  Bytes octets = message(Opcode::command_response);
  append_le(octets, answered);
  append_le(octets, static_cast<std::uint16_t>(status));
  return octets;
}

std::string opcode_name(std::uint16_t opcode) {
  if (const auto name = find_name(kControls, opcode); !name.empty()) return std::string{name};
  if (const auto name = find_name(kInformation, opcode); !name.empty()) return "Get_" + std::string{name};
  if (const auto name = find_name(kInformation, opcode ^ 0x0800U); !name.empty()) {
    return "Get_" + std::string{name} + "_Response";
  }
  return hexadecimal(opcode);
}

std::string status_name(std::uint16_t status) {
  const std::string_view name = find_name(kStatuses, status);
  return name.empty() ? hexadecimal(status) : std::string{name};
}

std::string network_name(std::uint8_t id) {
  constexpr std::array<std::string_view, 3> kNames{"0", "Apple", "Google"};
  return choice(kNames, id);
}

std::string battery_type_name(std::uint8_t type) {
  constexpr std::array<std::string_view, 3> kNames{"powered", "non-rechargeable", "rechargeable"};
  return choice(kNames, type);
}

std::string battery_level_name(std::uint8_t level) {
  constexpr std::array<std::string_view, 4> kNames{"full", "medium", "low", "critically low"};
  return choice(kNames, level);
}

std::string to_string(Version version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor) + "." + std::to_string(version.revision);
}

std::string capabilities_text(std::uint32_t capabilities) {
  std::string text;
  for (std::uint32_t bit = 0; bit < 32; ++bit) {
    if ((capabilities >> bit & 1) == 0) continue;
    const std::string_view name = find_name(kCapabilities, 1U << bit);
    if (!text.empty()) text += ", ";
    text += name.empty() ? "bit " + std::to_string(bit) : std::string{name};
  }
  return text.empty() ? "none" : text;
}

}  // namespace signet::dult
