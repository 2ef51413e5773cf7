#include "signetctl/fmdn/report_text.h"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "base/hex.h"
#include "signetctl/session.h"

namespace signet::ctl {
namespace {

Bytes octets_of(const boost::json::object& report, std::string_view member) {
  const auto* value = report.if_contains(member);
  const auto* text = value ? value->if_string() : nullptr;
  auto octets = text ? from_hex(*text) : std::nullopt;
  if (!octets) {
    throw Failed{Errc::invalid_argument, "the report's " + std::string{member} + ": must be hexadecimal digits"};
  }
  return *std::move(octets);
}

}  // namespace

boost::json::object report_to_json(const fmdn::Report& report) {
  return {{"urx", to_hex(report.urx)},
          {"sx", to_hex(report.sx)},
          {"ciphertext", to_hex(report.text)},
          {"tag", to_hex(report.tag)}};
}

fmdn::Report parse_report(std::string_view text) {
  boost::system::error_code error;
  const auto value = boost::json::parse(text, error);
  const auto* object = error ? nullptr : value.if_object();
  if (!object) {
    throw Failed{Errc::invalid_argument, "the report: must be a JSON object, as 'signetctl fmdn seal' prints it"};
  }
  const Bytes urx = octets_of(*object, "urx");
  fmdn::Report report;
  if (urx.size() != report.urx.size()) throw Failed{Errc::invalid_argument, "the report's urx: must have 10 octets"};
  std::ranges::copy(urx, report.urx.begin());
  report.sx = octets_of(*object, "sx");
  report.text = octets_of(*object, "ciphertext");
  report.tag = octets_of(*object, "tag");
  if (!fmdn::curve_of(report.sx.size())) {
    throw Failed{Errc::invalid_argument, "the report's sx: must have 20 or 32 octets"};
  }
  return report;
}

}  // namespace signet::ctl
