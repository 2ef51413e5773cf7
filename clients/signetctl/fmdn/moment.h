// A moment as people write it.
#pragma once

#include <string>

#include "finder/moment.h"

namespace signet::ctl {

using finder::Moment;
using finder::present;

// "" or "now"; "2026-11-21T10:20:30Z" or "2026-11-21 10:20:30" (UTC); "@1795256430" or that number, seconds since 1970;
// "-90", seconds ago. Throws Failed: invalid_argument, naming `option`.
Moment parse_moment(const std::string& text, const std::string& option, Moment now);

}  // namespace signet::ctl
