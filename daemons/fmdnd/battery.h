// How full the battery is, from the kernel's power supply class.
#pragma once

#include <optional>
#include <string>

#include "fmdn/frame.h"

namespace signet::fmdnd {

// Percent. Nothing: no such supply, or it does not tell. `root`: /sys/class/power_supply.
std::optional<int> battery_percent(const std::string& root, const std::string& supply);

// Critical up to 10 %, low up to 40 %.
fmdn::Battery battery_level(std::optional<int> percent);

}  // namespace signet::fmdnd
