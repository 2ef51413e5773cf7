#include "dult/indication.h"

#include "base/endian.h"
#include "base/hex.h"
#include "dult/category.h"
#include "dult/product.h"

namespace signet::dult {
namespace {

constexpr std::size_t kOpcodeSize = 2;

constexpr std::uint16_t code(Opcode opcode) { return static_cast<std::uint16_t>(opcode); }

Failure malformed(std::uint16_t opcode, const std::string& rule) {
  return fail(Errc::invalid_argument, opcode_name(opcode) + ": " + rule);
}

Result<void> check_size(std::uint16_t opcode, BytesView operand, std::size_t size) {
  if (operand.size() == size) return {};
  return malformed(opcode, "has " + std::to_string(operand.size()) + " octets, must have " + std::to_string(size));
}

Result<Operand> octets_operand(std::uint16_t opcode, BytesView operand, std::size_t size) {
  SIGNET_TRY(check_size(opcode, operand, size));
  return Operand{Bytes{operand.begin(), operand.end()}};
}

Result<Operand> identifier_operand(std::uint16_t opcode, BytesView operand) {
  if (operand.empty()) return malformed(opcode, "has no octets");
  return Operand{Bytes{operand.begin(), operand.end()}};
}

Result<Operand> name_operand(std::uint16_t opcode, BytesView operand) {
  if (operand.size() > kMaxNameSize) {
    return malformed(
        opcode, "has " + std::to_string(operand.size()) + " octets, must have at most " + std::to_string(kMaxNameSize));
  }
  const std::string_view text = as_text(operand);
  return Operand{std::string{text.substr(0, text.find('\0'))}};
}

template <std::unsigned_integral T>
Result<Operand> number_operand(std::uint16_t opcode, BytesView operand) {
  SIGNET_TRY(check_size(opcode, operand, sizeof(T)));
  return Operand{std::uint32_t{load_le<T>(operand, 0)}};
}

Result<Operand> category_operand(std::uint16_t opcode, BytesView operand) {
  SIGNET_TRY(check_size(opcode, operand, 8));
  return Operand{std::uint32_t{operand[0]}};
}

Result<Operand> version_operand(std::uint16_t opcode, BytesView operand) {
  SIGNET_TRY(check_size(opcode, operand, sizeof(std::uint32_t)));
  return Operand{unpacked_version(load_le<std::uint32_t>(operand, 0))};
}

Result<Operand> command_response_operand(std::uint16_t opcode, BytesView operand) {
  SIGNET_TRY(check_size(opcode, operand, 4));
  return Operand{CommandResponse{load_le<std::uint16_t>(operand, 0), load_le<std::uint16_t>(operand, 2)}};
}

Result<Operand> no_operand(std::uint16_t opcode, BytesView operand) {
  SIGNET_TRY(check_size(opcode, operand, 0));
  return Operand{};
}

Result<Operand> parse_operand(std::uint16_t opcode, BytesView operand) {
  switch (opcode) {
    case response_to(Opcode::get_product_data): return octets_operand(opcode, operand, sizeof(ProductData));
    case response_to(Opcode::get_manufacturer_name):
    case response_to(Opcode::get_model_name): return name_operand(opcode, operand);
    case response_to(Opcode::get_accessory_category): return category_operand(opcode, operand);
    case response_to(Opcode::get_protocol_implementation_version):
    case response_to(Opcode::get_firmware_version):
    case response_to(Opcode::get_network_version): return version_operand(opcode, operand);
    case response_to(Opcode::get_accessory_capabilities): return number_operand<std::uint32_t>(opcode, operand);
    case response_to(Opcode::get_network_id):
    case response_to(Opcode::get_battery_type):
    case response_to(Opcode::get_battery_level): return number_operand<std::uint8_t>(opcode, operand);
    case code(Opcode::command_response): return command_response_operand(opcode, operand);
    case code(Opcode::sound_completed): return no_operand(opcode, operand);
    case code(Opcode::get_identifier_response): return identifier_operand(opcode, operand);
    default: return malformed(opcode, "is no opcode of an indication");
  }
}

std::string number_text(std::uint16_t opcode, std::uint32_t number) {
  const auto octet = static_cast<std::uint8_t>(number);
  switch (opcode) {
    case response_to(Opcode::get_accessory_category): return category_name(octet);
    case response_to(Opcode::get_accessory_capabilities): return capabilities_text(number);
    case response_to(Opcode::get_network_id): return network_name(octet);
    case response_to(Opcode::get_battery_type): return battery_type_name(octet);
    case response_to(Opcode::get_battery_level): return battery_level_name(octet);
    default: return std::to_string(number);
  }
}

std::string printable(std::string_view text) {
  std::string shown;
  for (char c : text) {
    const auto octet = static_cast<std::uint8_t>(c);
    shown += c >= ' ' && c <= '~' && c != '\\' ? std::string{c} : "\\x" + to_hex({&octet, 1});
  }
  return shown;
}

struct OperandText {
  std::uint16_t opcode;
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(const Bytes& octets) const { return to_hex(octets); }
  std::string operator()(const std::string& text) const { return printable(text); }
  std::string operator()(std::uint32_t number) const { return number_text(opcode, number); }
  std::string operator()(const Version& version) const { return to_string(version); }
  std::string operator()(const CommandResponse& response) const {
    return opcode_name(response.answered) + ": " + status_name(response.status);
  }
};

}  // namespace

Bytes request(Opcode opcode) { return message(opcode); }

Result<Message> parse_indication(BytesView octets) {
  if (octets.size() < kOpcodeSize) {
    return fail(Errc::invalid_argument,
                "indication: has " + std::to_string(octets.size()) + " octets, must have at least 2");
  }
  const auto opcode = load_le<std::uint16_t>(octets, 0);
  SIGNET_ASSIGN(Operand operand, parse_operand(opcode, octets.subspan(kOpcodeSize)));
  return Message{opcode, std::move(operand)};
}

bool settles(const Message& message, Opcode request) {
  if (const auto* response = std::get_if<CommandResponse>(&message.operand)) return response->answered == code(request);
  switch (request) {
    case Opcode::sound_start: return false;
    case Opcode::sound_stop: return message.opcode == code(Opcode::sound_completed);
    case Opcode::get_identifier: return message.opcode == code(Opcode::get_identifier_response);
    default: return message.opcode == response_to(request);
  }
}

std::string operand_text(const Message& message) { return std::visit(OperandText{message.opcode}, message.operand); }

}  // namespace signet::dult
