// A report of a location as one line of JSON, which 'seal' prints and 'open' reads.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "fmdn/report.h"

namespace signet::ctl {

// "urx", "sx", "ciphertext", "tag": hexadecimal digits.
boost::json::object report_to_json(const fmdn::Report& report);

// Takes any text. Throws Failed: invalid_argument, naming the member and the rule. Other members are passed over.
fmdn::Report parse_report(std::string_view text);

}  // namespace signet::ctl
