// What is known of the chip, for people: the status of the daemon has it.
#pragma once

#include <signet/signet.hpp>

#include <boost/json/object.hpp>
#include <string>
#include <utility>
#include <vector>

namespace signet::ctl {

using Facts = std::vector<std::pair<std::string, std::string>>;

// For print_facts(); what is not known has an empty value.
Facts chip_facts(const client::Row& status);
Facts more_chip_facts(const client::Row& status);  // what only an administrator of this very chip asks for

// A UEID that came in hexadecimal digits, as the chip's status and evidence have it, in base64url, as device info,
// tickets and registrars have it: whoever compares two has one spelling. Other text comes back as it is.
std::string ueid_text(const std::string& hex);

// The same for the member "ueid", if there is one.
void spell_ueid(boost::json::object& object);

}  // namespace signet::ctl
