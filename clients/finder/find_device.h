// Where a device of the keyring is on the air. Its address changes, so it is known by what it advertises.
#pragma once

#include <string>

#include "finder/radio.h"
#include "keyring/contents.h"

namespace signet::finder {

// How sure it is that an advert comes from the device.
enum class Likeness : std::uint8_t { no, maybe, yes };

// yes: its identifier, within a day of the clock that it should have; maybe: a filter that fits its account key; or its
// last address, when nothing else is known of it.
Likeness likeness(const keyring::Device& device, const bluez::Sighting& seen, std::chrono::sys_seconds now);

// The address; `given`, when it is not empty, is taken as it is. Takes the first that is certain within 10 s, after
// that any that may be. Errors: timeout: it was not seen; invalid_argument: `given` is no address; those of scanning.
Result<std::string> find_device(const Radio& radio, bluez::Central& central, const keyring::Device& device,
                                const std::string& given);

}  // namespace signet::finder
