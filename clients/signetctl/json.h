// Answers of the daemon as JSON.
#pragma once

#include <signet/signet.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace signet::ctl {

// Every field of a row by its name; "chip.cid" goes into an object "chip"; octets become hexadecimal digits.
boost::json::object to_json(const client::Row& row);

// One object per row.
boost::json::array to_json(const client::Result& result);

}  // namespace signet::ctl
