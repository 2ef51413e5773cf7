// What the finder of an accessory takes to the network to learn who owns it (FMDN specification, Get_Identifier and the
// NFC identifier).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "dult/product.h"

namespace signet::dult {

inline constexpr std::size_t kTruncatedEidSize = 10;
inline constexpr std::size_t kIdentifierMacSize = 8;
using Identifier = std::array<std::uint8_t, kTruncatedEidSize + kIdentifierMacSize>;

// The first octets of the EID and a MAC of them. `eid`: that which is on the air; both curves' are long enough.
Identifier make_identifier(std::span<const std::uint8_t, kTruncatedEidSize> eid,
                           std::span<const std::uint8_t, 8> recovery_key);

std::string nfc_url(const Identifier& identifier, const ModelId& model);

// Knows the EID of the moment and the recovery key.
class IdentifierSource {
 public:
  virtual ~IdentifierSource() = default;
  virtual std::optional<Identifier> identifier() = 0;  // nothing: there is no owner
};

}  // namespace signet::dult
