// What a registrar signs for a device: challenges and releases. Verified as a whole before a member of it is used.
#pragma once

#include <boost/json.hpp>
#include <span>
#include <string_view>

#include "base/result.h"
#include "crypto/x509.h"

namespace signet::identity {

// The payload of a JWS of `type`, whose profile is `profile` and whose audience is `audience`, signed by a registrar of
// one of `anchors`. Errors: ticket_invalid (form), registrar_untrusted (signature, certificate, audience), clock_skew:
// `now` is not within its iat and exp, give or take 5 minutes.
Result<boost::json::object> open_registrar_message(std::string_view message, std::string_view type,
                                                   std::string_view profile, std::string_view audience,
                                                   std::span<const crypto::Certificate> anchors, crypto::UnixTime now);

// A string member. Error: ticket_invalid, names it.
Result<std::string> text_member(const boost::json::object& payload, std::string_view member);

}  // namespace signet::identity
