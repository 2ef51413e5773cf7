// The key with which the kernel makes an adapter's private addresses. bluetoothd draws it, and keeps it in a file that
// only root may read; signet-resolving-keys.service copies that file to where fmdnd finds it.
#pragma once

#include <string>

#include "base/result.h"
#include "bluez/advertising.h"
#include "fastpair/address.h"

namespace signet::fmdnd {

// Of the adapter with that address, from the file in `directory` that is named after it. Errors: not_found: there is
// none, as without privacy; config_invalid: others may write it or everybody read it, or it has no such key; io.
Result<fastpair::IdentityResolvingKey> load_resolving_key(const std::string& directory,
                                                          const bluez::DeviceAddress& adapter);

// The same for a content: a key file of GLib, whose octets come in the order of HCI, the least significant one first.
Result<fastpair::IdentityResolvingKey> parse_resolving_key(BytesView text);

}  // namespace signet::fmdnd
