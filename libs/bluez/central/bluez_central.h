// The central on a machine with bluetoothd, over the bus.
#pragma once

#include <memory>
#include <string>

#include "bluez/central/central.h"

namespace signet::bluez {

// `adapter`: "hci1"; empty: the first one that is on. Errors: no_service: no bus, no bluetoothd, the adapter is off;
// not_found: no such adapter.
Result<std::unique_ptr<Central>> open_bluez_central(const std::string& adapter);

}  // namespace signet::bluez
