// Errors as problem details (RFC 9457) with Signet's code, name and category.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/reply.h"

namespace signet::http {

// The one table from errors to status codes.
int status_of(Errc code);

// `internal` tells a client nothing: what happened is for the journal.
Reply problem(const Error& error);
// The same with another status, where HTTP has a name for it that Signet has not: 405, 415, 431.
Reply problem(const Error& error, int status);
// Why the policy says no: one more member, "reason".
Reply problem(const Error& error, std::string_view reason);

}  // namespace signet::http
