#include "signetctl/base64.h"

#include <array>

namespace signet::ctl {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kPemLine = 64;

std::string fence(std::string_view word, std::string_view label) {
  return "-----" + std::string{word} + " " + std::string{label} + "-----";
}

}  // namespace

std::string to_base64(BytesView bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = (group << 8) | (j < count ? bytes[i + j] : 0u);
    for (std::size_t j = 0; j < 4; ++j) text += j <= count ? kDigits[(group >> (18 - 6 * j)) & 63] : '=';
  }
  return text;
}

std::optional<Bytes> from_base64(std::string_view text) {
  Bytes bytes;
  std::uint32_t group = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    const auto value = kDigits.find(c);
    if (c == '=') {
      ++padding;
    } else if (value == std::string_view::npos || padding > 0) {
      return std::nullopt;
    }
    group = (group << 6) | (c == '=' ? 0u : static_cast<std::uint32_t>(value));
    if (++digits % 4 != 0) continue;
    if (padding > 2 || (group & ((1u << (8 * padding)) - 1u)) != 0) return std::nullopt;
    for (std::size_t i = 0; i < 3 - padding; ++i) bytes.push_back(static_cast<std::uint8_t>(group >> (16 - 8 * i)));
    group = 0;
  }
  if (digits % 4 != 0) return std::nullopt;
  return bytes;
}

std::string to_pem(std::string_view label, BytesView der) {
  const std::string text = to_base64(der);
  std::string pem = fence("BEGIN", label) + "\n";
  for (std::size_t i = 0; i < text.size(); i += kPemLine) pem += text.substr(i, kPemLine) + "\n";
  return pem + fence("END", label) + "\n";
}

std::optional<Bytes> from_pem(std::string_view label, std::string_view text) {
  const std::string begin = fence("BEGIN", label);
  const auto start = text.find(begin);
  if (start == std::string_view::npos) return std::nullopt;
  text.remove_prefix(start + begin.size());
  const auto end = text.find(fence("END", label));
  if (end == std::string_view::npos) return std::nullopt;
  return from_base64(text.substr(0, end));
}

}  // namespace signet::ctl
