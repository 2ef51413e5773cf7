#include "dult/product.h"

#include <algorithm>

#include "base/endian.h"

namespace signet::dult {
namespace {

constexpr std::size_t kCategorySize = 8;  // the value, then zeros

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Octets of the UTF-8 sequence that `text` begins with; 0 when it is none (RFC 3629: shortest form, no surrogates).
std::size_t utf8_sequence(std::string_view text) {
  const auto octet = [text](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : std::uint8_t{0};
  };
  const auto follows = [octet](std::size_t at, unsigned least = 0x80, unsigned most = 0xbf) {
    return octet(at) >= least && octet(at) <= most;
  };
  const unsigned first = octet(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    return follows(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    return follows(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

Result<void> check_name(const char* field, std::string_view name) {
  const auto wrong = [field](const std::string& rule) {
    return fail(Errc::invalid_argument, std::string{field} + ": " + rule);
  };
  if (name.empty() || name.size() > kMaxNameSize) {
    return wrong("has " + std::to_string(name.size()) + " octets, must have 1 to " + std::to_string(kMaxNameSize));
  }
  if (std::ranges::any_of(name, is_control)) return wrong("must not have control characters");
  if (!is_utf8(name)) return wrong("is not UTF-8");
  return {};
}

template <std::unsigned_integral T>
Bytes response(Opcode request, T value) {
  Bytes octets = message(response_to(request));
  append_le(octets, value);
  return octets;
}

template <class Choice>
std::optional<Bytes> response_if(Opcode request, const std::optional<Choice>& value) {
  if (!value) return std::nullopt;
  return response(request, static_cast<std::uint8_t>(*value));
}

Bytes category_response(std::uint8_t category) {
  std::array<std::uint8_t, kCategorySize> operand{category};
  return message(response_to(Opcode::get_accessory_category), operand);
}

}  // namespace

Result<void> check(const Product& product) {
  SIGNET_TRY(check_name("manufacturer", product.manufacturer));
  SIGNET_TRY(check_name("model", product.model));
  if (!is_category(product.category)) {
    return fail(Errc::invalid_argument, "category: " + std::to_string(product.category) + " is reserved");
  }
  if ((product.capabilities & kReservedCapabilities) != 0) {
    return fail(Errc::invalid_argument, "capabilities: bits 9 to 31 are reserved");
  }
  if ((product.capabilities & kDetectsMotion) != 0 && (product.capabilities & kPlaysSound) == 0) {
    return fail(Errc::invalid_argument, "capabilities: a motion detector needs a sound");
  }
  if (product.firmware.major == 0) {
    return fail(Errc::invalid_argument, "firmware: " + to_string(product.firmware) + " is below 1.0.0");
  }
  return {};
}

ProductData product_data(const ModelId& id) {
  ProductData data{};
  std::ranges::copy(id, data.end() - id.size());
  return data;
}

std::optional<Bytes> information(const Product& product, std::uint16_t opcode) {
  const auto request = static_cast<Opcode>(opcode);
  switch (request) {
    case Opcode::get_product_data: return message(response_to(request), product_data(product.model_id));
    case Opcode::get_manufacturer_name: return message(response_to(request), as_bytes(product.manufacturer));
    case Opcode::get_model_name: return message(response_to(request), as_bytes(product.model));
    case Opcode::get_accessory_category: return category_response(product.category);
    case Opcode::get_protocol_implementation_version: return response(request, packed(kProtocolVersion));
    case Opcode::get_accessory_capabilities: return response(request, product.capabilities);
    case Opcode::get_network_id: return response(request, static_cast<std::uint8_t>(product.network));
    case Opcode::get_firmware_version: return response(request, packed(product.firmware));
    case Opcode::get_battery_type: return response_if(request, product.battery_type);
    case Opcode::get_battery_level: return response_if(request, product.battery_level);
    case Opcode::get_network_version:
      if (!product.network_version) return std::nullopt;
      return response(request, packed(*product.network_version));
    default: return std::nullopt;
  }
}

}  // namespace signet::dult
