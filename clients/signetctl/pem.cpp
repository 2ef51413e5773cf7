#include "signetctl/pem.h"

#include "base/base64.h"

namespace signet::ctl {
namespace {

constexpr std::size_t kPemLine = 64;

std::string fence(std::string_view word, std::string_view label) {
  return "-----" + std::string{word} + " " + std::string{label} + "-----";
}

}  // namespace

std::optional<Bytes> from_base64_lines(std::string_view text) {
  std::string digits{text};
  std::erase_if(digits, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
  return from_base64(digits);
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
  return from_base64_lines(text.substr(0, end));
}

}  // namespace signet::ctl
