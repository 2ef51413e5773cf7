// A device address as people write it.
#pragma once

#include <string>

#include "base/result.h"
#include "fastpair/address.h"

namespace signet::finder {

// In upper case. invalid_argument: not such as "00:AA:01:00:00:00".
Result<std::string> checked_address(const std::string& text);

// `address`: checked.
fastpair::Address octets_of(const std::string& address);

}  // namespace signet::finder
