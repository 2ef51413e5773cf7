#include "finder/key_octets.h"

#include <algorithm>
#include <cctype>

#include "base/hex.h"
#include "base/trim.h"

namespace signet::finder {

std::optional<SecretBuffer> key_octets(BytesView content, std::size_t size) {
  const bool digits = std::ranges::all_of(content, [](std::uint8_t c) { return std::isxdigit(c) != 0; });
  if (content.size() == size && !digits) return SecretBuffer{content};
  auto octets = from_hex(trimmed(as_text(content)));
  if (!octets) return std::nullopt;
  std::optional<SecretBuffer> key;
  if (octets->size() == size) key.emplace(BytesView{*octets});
  wipe(octets->data(), octets->size());
  return key;
}

}  // namespace signet::finder
