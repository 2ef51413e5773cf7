#include "signetctl/ticket_text.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <ostream>
#include <string>

#include "base/base64.h"
#include "signetctl/json_text.h"
#include "signetctl/session.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

[[noreturn]] void refuse(const std::string& part, const std::string& rule) {
  throw Failed{Errc::ticket_invalid, part + ": " + rule};
}

boost::json::object decode_part(const std::string& part, std::string_view text) {
  const auto octets = from_base64url(text);
  if (!octets) refuse(part, "must be base64url without padding");
  boost::json::error_code error;
  const auto json = boost::json::parse(as_text(*octets), error, {}, {.max_depth = 16});
  if (error || !json.is_object()) refuse(part, "must be a JSON object");
  return json.get_object();
}

// "4000000000" becomes "4000000000 (2096-10-02 07:06:40 UTC)".
void explain_time(boost::json::object& claims, const char* name) {
  auto* value = claims.if_contains(name);
  if (!value || !value->is_int64()) return;
  const auto seconds = value->get_int64();
  *value = std::to_string(seconds) + " (" + utc_text(seconds) + ")";
}

// "1 certificate": what is long and for machines only.
void count_items(boost::json::object& header, const char* name, const std::string& what) {
  auto* value = header.if_contains(name);
  if (value && value->is_array()) *value = std::to_string(value->get_array().size()) + " " + what;
}

}  // namespace

DecodedTicket decode_ticket(std::string_view compact) {
  const auto first = compact.find('.');
  const auto second = first == std::string_view::npos ? first : compact.find('.', first + 1);
  if (second == std::string_view::npos || compact.find('.', second + 1) != std::string_view::npos) {
    refuse("ticket", "must have three parts with a dot between them");
  }
  DecodedTicket ticket{.header = decode_part("header", compact.substr(0, first)),
                       .claims = decode_part("payload", compact.substr(first + 1, second - first - 1))};
  if (!from_base64url(compact.substr(second + 1))) refuse("signature", "must be base64url without padding");
  return ticket;
}

void print_ticket(std::ostream& out, const DecodedTicket& ticket) {
  auto header = ticket.header;
  count_items(header, "x5c", "certificates");
  count_items(header, "sgt-rpmb", "frames");
  auto claims = ticket.claims;
  explain_time(claims, "iat");
  explain_time(claims, "exp");
  out << "header\n";
  print_members(out, header);
  out << "claims\n";
  print_members(out, claims);
}

}  // namespace signet::ctl
