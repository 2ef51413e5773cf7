// Octets that anyone may see, as hexadecimal digits: adverts, identifiers. Unlike keys they may be arguments.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "finder/seen_eid.h"
#include "signetctl/session.h"

namespace signet::ctl {

// `argument`, or the standard input when it is empty or "-". White space, colons and a leading "0x" are passed over.
// Throws Failed: invalid_argument, naming `what` and the rule.
Bytes read_public_octets(Session& session, const std::string& argument, const std::string& what);

Bytes parse_public_octets(std::string_view text, const std::string& what);

// An identifier, whole, cut or in an advert. Throws Failed: invalid_argument, naming `what` and the rule.
finder::SeenEid seen_eid_in(BytesView octets, const std::string& what);

}  // namespace signet::ctl
