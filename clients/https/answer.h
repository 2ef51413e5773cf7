// What a registrar has answered: JSON, or a refusal with one of Signet's errors (docs/registration.md, "HTTP").
#pragma once

#include <boost/json/object.hpp>

#include "base/result.h"
#include "https/transfer.h"

namespace signet::https {

inline constexpr std::chrono::seconds kMaxClockSkew{60};

// "; mind: the clock of this device is 3600 s behind the registrar's"; empty within kMaxClockSkew.
std::string clock_remark(const Answer& answer);

// The error of an answer that is not good(). The code is that of the problem document when it is one of ours; its
// detail and reason are the text, made fit for a terminal. clock_skew when our clock is off by more than kMaxClockSkew
// and a wrong clock can be the cause of the refusal; a refusal with another cause keeps its code and gets a remark.
// net_http: the answer does not say why.
Error refusal(const Answer& answer, const std::string& host);

// The JSON object of an answer that is good(). Errors: those of refusal(); net_http: it is no JSON object.
Result<boost::json::object> json_of(const Answer& answer, const std::string& host);

// A text member. Error: net_http, names it.
Result<std::string> text_member(const boost::json::object& object, std::string_view name, const std::string& host);

}  // namespace signet::https
