#include "base/base64.h"

#include <array>

namespace signet {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNoDigit = 64;

using Values = std::array<std::uint8_t, 256>;

constexpr Values values_of(std::string_view digits) {
  Values values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < digits.size(); ++i) values[static_cast<std::uint8_t>(digits[i])] = std::uint8_t(i);
  return values;
}

constexpr Values kValues = values_of(kDigits);
constexpr Values kUrlValues = values_of(kUrlDigits);

// Without padding.
std::string encode(BytesView octets, std::string_view digits) {
  std::string text;
  text.reserve((octets.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  unsigned count = 0;  // of bits that are not written yet
  for (std::uint8_t octet : octets) {
    bits = bits << 8 | octet;
    for (count += 8; count >= 6; count -= 6) text += digits[bits >> (count - 6) & 63];
  }
  if (count > 0) text += digits[bits << (6 - count) & 63];
  return text;
}

// Without padding.
std::optional<Bytes> decode(std::string_view text, const Values& values) {
  if (text.size() % 4 == 1) return std::nullopt;
  Bytes octets(text.size() * 3 / 4);
  std::size_t at = 0;
  std::uint32_t bits = 0;
  unsigned count = 0;  // of bits that make no octet yet
  for (char digit : text) {
    const std::uint8_t value = values[static_cast<std::uint8_t>(digit)];
    if (value == kNoDigit) return std::nullopt;
    bits = bits << 6 | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    octets[at++] = static_cast<std::uint8_t>(bits >> count);
  }
  if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;  // spare bits
  return octets;
}

}  // namespace

std::string to_base64(BytesView octets) {
  std::string text = encode(octets, kDigits);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::string to_base64url(BytesView octets) { return encode(octets, kUrlDigits); }

std::optional<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  return decode(text, kValues);
}

std::optional<Bytes> from_base64url(std::string_view text) { return decode(text, kUrlValues); }

}  // namespace signet
