#include "finder/address.h"

#include <algorithm>
#include <cctype>

#include "base/hex.h"

namespace signet::finder {

Result<std::string> checked_address(const std::string& text) {
  std::string address = text;
  std::ranges::transform(address, address.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  bool fits = address.size() == 17;
  for (std::size_t i = 0; fits && i < address.size(); ++i) {
    fits = i % 3 == 2 ? address[i] == ':' : std::isxdigit(static_cast<unsigned char>(address[i])) != 0;
  }
  if (!fits) return fail(Errc::invalid_argument, "address '" + text + "': must be such as 00:AA:01:00:00:00");
  return address;
}

fastpair::Address octets_of(const std::string& address) {
  std::string digits = address;
  std::erase(digits, ':');
  const auto octets = from_hex(digits).value_or(Bytes(fastpair::kAddressSize));
  fastpair::Address result{};
  std::copy_n(octets.begin(), std::min(octets.size(), result.size()), result.begin());
  return result;
}

}  // namespace signet::finder
