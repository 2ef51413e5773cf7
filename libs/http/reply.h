// An answer, before the server adds Date, length and what the connection needs.
#pragma once

#include <string>
#include <string_view>

namespace signet::http {

inline constexpr const char* kJson = "application/json";
inline constexpr const char* kProblem = "application/problem+json";

struct Reply {
  int status = 200;
  const char* type = kJson;  // Content-Type; of no meaning without a body
  std::string body;
  std::string fields;    // further fields, each with its CRLF
  bool no_store = true;  // Cache-Control: everything here is personal to a device or to a caller unless said otherwise

  // `value` is never of a client's making.
  Reply& with(std::string_view field, std::string_view value);
};

std::string_view reason_phrase(int status);

// The octets of `reply` without those of its body when `head_only`; appended to `out`. `date`: IMF-fixdate.
void write_reply(const Reply& reply, std::string_view date, bool keep_alive, bool head_only, std::string& out);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7). `seconds` since 1970.
std::string http_date(long long seconds);

}  // namespace signet::http
