// Where a device of the keyring is on the air. Its address changes, so it is known by what it advertises.
#pragma once

#include <string>

#include "finder/radio.h"
#include "keyring/contents.h"

namespace signet::finder {

// The address; `given`, when it is not empty, is taken as it is. Takes the first that is certain within 10 s, after
// that any that may be. Errors: timeout: it was not seen; invalid_argument: `given` is no address; those of scanning.
Result<std::string> find_device(const Radio& radio, bluez::Central& central, const keyring::Device& device,
                                const std::string& given);

}  // namespace signet::finder
