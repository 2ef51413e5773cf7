#include "signetctl/fmdn/key_octets.h"

#include <algorithm>
#include <cctype>

#include "base/hex.h"
#include "signetctl/text.h"

namespace signet::ctl {

std::optional<SecretBuffer> key_octets(BytesView content, std::size_t size) {
  const bool digits = std::ranges::all_of(content, [](std::uint8_t c) { return std::isxdigit(c) != 0; });
  if (content.size() == size && !digits) return SecretBuffer{content};
  auto octets = from_hex(without_space_at_ends(as_text(content)));
  if (!octets) return std::nullopt;
  std::optional<SecretBuffer> key;
  if (octets->size() == size) key.emplace(BytesView{*octets});
  wipe(octets->data(), octets->size());
  return key;
}

}  // namespace signet::ctl
