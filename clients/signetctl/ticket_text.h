// A ticket taken apart for people; nothing of it is verified.
#pragma once

#include <boost/json/object.hpp>
#include <iosfwd>
#include <string_view>

namespace signet::ctl {

struct DecodedTicket {
  boost::json::object header;
  boost::json::object claims;
};

// Takes what a ticket must be at least: three parts of base64url, the first two of them JSON objects. Throws Failed:
// ticket_invalid, names the part and the rule.
DecodedTicket decode_ticket(std::string_view compact);

void print_ticket(std::ostream& out, const DecodedTicket& ticket);

}  // namespace signet::ctl
