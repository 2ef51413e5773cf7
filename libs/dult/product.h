// What an accessory says of itself to whoever finds it, and the answers that are made of it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "dult/category.h"
#include "dult/message.h"

namespace signet::dult {

using ModelId = std::array<std::uint8_t, 3>;      // of Fast Pair, big endian
using ProductData = std::array<std::uint8_t, 8>;  // the same, behind zeros (FMDN specification, Get_Product_Data)

inline constexpr std::size_t kMaxNameSize = 64;

struct Product {
  ModelId model_id{};
  std::string manufacturer;  // as registered with the network, UTF-8
  std::string model;
  std::uint8_t category = kLocationTracker;
  std::uint32_t capabilities = kPlaysSound | kLookupByBle;
  NetworkId network = NetworkId::google;
  Version firmware{1, 0, 0};
  std::optional<BatteryType> battery_type;    // nothing: the question is not supported
  std::optional<BatteryLevel> battery_level;  // the same
  std::optional<Version> network_version;     // the same
};

// Errors: invalid_argument, names the field and the rule: names of 1 to 64 octets of UTF-8 without control characters,
// a category that has a name, no reserved capability, no motion detector without sound, firmware from 1.0.0 (the
// network's validator refuses 0.0.0).
Result<void> check(const Product& product);

ProductData product_data(const ModelId& id);

// The message that answers a request for information; nothing for any other opcode, and for optional information that
// the product does not have. `product`: as check() takes it.
std::optional<Bytes> information(const Product& product, std::uint16_t opcode);

}  // namespace signet::dult
