#include "dult/identifier.h"

#include <algorithm>

#include "base/hex.h"
#include "crypto/hmac.h"

namespace signet::dult {

Identifier make_identifier(std::span<const std::uint8_t, kTruncatedEidSize> eid,
                           std::span<const std::uint8_t, 8> recovery_key) {
  const crypto::Mac mac = crypto::HmacKey{recovery_key}.mac(eid);
  Identifier identifier;
  auto end = std::ranges::copy(eid, identifier.begin()).out;
  std::copy_n(mac.begin(), kIdentifierMacSize, end);
  return identifier;
}

std::string nfc_url(const Identifier& identifier, const ModelId& model) {
  return "https://find-my.googleapis.com/lookup?e=" + to_hex(identifier) + "&pid=" + to_hex(product_data(model));
}

}  // namespace signet::dult
