#include "fmdnd/resolving_key.h"

#include <algorithm>

#include "base/hex.h"
#include "base/trim.h"
#include "identity/secret_file.h"

namespace signet::fmdnd {
namespace {

constexpr std::size_t kLongestFile = 4096;
constexpr std::string_view kGroup = "[General]";
constexpr std::string_view kName = "IdentityResolvingKey";

Failure no_key(const std::string& rule) { return fail(Errc::config_invalid, std::string{kName} + ": " + rule); }

std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return trimmed(line);
}

Result<fastpair::IdentityResolvingKey> parse_value(std::string_view digits) {
  if (digits.starts_with("0x")) digits.remove_prefix(2);
  auto octets = from_hex(digits);
  if (!octets) return no_key("must be hexadecimal");
  fastpair::IdentityResolvingKey key;
  const bool whole = octets->size() == key.view().size();
  if (whole) std::ranges::reverse_copy(*octets, key.writable().begin());
  wipe(octets->data(), octets->size());
  if (!whole) return no_key("must have 16 octets");
  return key;
}

}  // namespace

Result<fastpair::IdentityResolvingKey> parse_resolving_key(BytesView text) {
  std::optional<std::string_view> value;
  bool ours = false;
  for (auto rest = as_text(text); !rest.empty();) {
    const auto line = take_line(rest);
    if (line.starts_with('[')) ours = line == kGroup;
    const auto equals = line.find('=');
    if (!ours || equals == std::string_view::npos || trimmed(line.substr(0, equals)) != kName) continue;
    if (value) return no_key("must be there once");
    value = trimmed(line.substr(equals + 1));
  }
  if (!value) return no_key("must be there, in [General]");
  return parse_value(*value);
}

Result<fastpair::IdentityResolvingKey> load_resolving_key(const std::string& directory,
                                                          const bluez::DeviceAddress& adapter) {
  const auto path = directory + "/" + bluez::to_string(adapter);
  SIGNET_ASSIGN(const auto content, identity::read_secret_file(path, identity::kCredential, kLongestFile));
  auto key = parse_resolving_key(content.view());
  if (!key) return fail(key.error().code, path + ": " + key.error().context);
  return key;
}

}  // namespace signet::fmdnd
