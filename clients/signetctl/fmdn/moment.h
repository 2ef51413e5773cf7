// A moment as people write it.
#pragma once

#include <chrono>
#include <string>

namespace signet::ctl {

using Moment = std::chrono::sys_seconds;

// "" or "now"; "2026-11-21T10:20:30Z" or "2026-11-21 10:20:30" (UTC); "@1795256430" or that number, seconds since 1970;
// "-90", seconds ago. Throws Failed: invalid_argument, naming `option`.
Moment parse_moment(const std::string& text, const std::string& option, Moment now);

Moment present();

}  // namespace signet::ctl
