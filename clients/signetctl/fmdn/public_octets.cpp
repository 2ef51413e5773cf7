#include "signetctl/fmdn/public_octets.h"

#include <algorithm>

#include "base/hex.h"
#include "signetctl/binary.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

constexpr std::size_t kMaxText = 64 * 1024;

}  // namespace

Bytes parse_public_octets(std::string_view text, const std::string& what) {
  text = without_space_at_ends(text);
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits),
                       [](char c) { return c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != ':'; });
  if (digits.empty()) throw Failed{Errc::invalid_argument, what + ": is empty; it takes hexadecimal digits"};
  const auto octets = from_hex(digits);
  if (!octets) throw Failed{Errc::invalid_argument, what + ": must be an even number of hexadecimal digits"};
  return *octets;
}

Bytes read_public_octets(Session& session, const std::string& argument, const std::string& what) {
  if (!argument.empty() && argument != "-") return parse_public_octets(argument, what);
  const auto input = read_input(session, "", kMaxText);
  return parse_public_octets(as_text(input.view()), what + " on the standard input");
}

finder::SeenEid seen_eid_in(BytesView octets, const std::string& what) {
  auto seen = finder::parse_seen_eid(octets);
  if (!seen) throw Failed{seen.error().code, what + ": " + seen.error().context};
  return *std::move(seen);
}

}  // namespace signet::ctl
