#include "https/answer.h"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstdlib>

namespace signet::https {
namespace {

constexpr std::size_t kMaxDetail = 500;

// From the network onto a terminal: no control characters, and not endless.
std::string printable(std::string_view text) {
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };  // in UTF-8
  std::size_t size = std::min(text.size(), kMaxDetail);
  while (size > 0 && size < text.size() && continues(text[size])) --size;
  std::string result{text.substr(0, size)};
  for (char& c : result) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet == 0x7f) c = ' ';
  }
  return result;
}

std::optional<boost::json::object> parse_object(const std::string& text) {
  boost::json::error_code error;
  const auto value = boost::json::parse(text, error, {}, {.max_depth = 8});
  if (error || !value.is_object()) return std::nullopt;
  return value.get_object();
}

std::string text_of(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string{value->get_string()} : "";
}

bool far(const Answer& answer) { return answer.clock_ahead && std::chrono::abs(*answer.clock_ahead) > kMaxClockSkew; }

// Refusals that a wrong clock of ours can cause: what we have signed carries a time.
bool clock_can_be_the_cause(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
    case Errc::bad_signature:
    case Errc::ticket_invalid:
    case Errc::certificate_invalid:
    case Errc::registrar_untrusted:
    case Errc::clock_skew: return true;
    default: return false;
  }
}

std::string clock_text(std::chrono::seconds ahead) {
  return "the clock of this device is " + std::to_string(std::abs(ahead.count())) + " s " +
         (ahead.count() > 0 ? "ahead of" : "behind") + " the registrar's";
}

Error unexplained(const Answer& answer, const std::string& host) {
  const std::string what = host + " answered with status " + std::to_string(answer.status);
  if (answer.status >= 300 && answer.status < 400) {
    return {Errc::net_http, what + ", a redirect, which is not followed; correct the registrar's URL"};
  }
  if (answer.status == 429) return {Errc::rate_limited, what + ": too many requests; try again later"};
  if (answer.status == 401 || answer.status == 403) {
    return {Errc::access_denied, what + " and did not say why; check the credential and its role"};
  }
  return {Errc::net_http, what + " and did not say why; " +
                              (answer.status >= 500 ? "try again later" : "check the registrar's URL") +
                              clock_remark(answer)};
}

}  // namespace

std::string clock_remark(const Answer& answer) {
  return far(answer) ? "; mind: " + clock_text(*answer.clock_ahead) : "";
}

Error refusal(const Answer& answer, const std::string& host) {
  const auto problem = answer.content_type == "application/problem+json" ? parse_object(answer.body) : std::nullopt;
  const auto* number = problem ? problem->if_contains("code") : nullptr;
  const auto code = number && number->is_int64() && number->get_int64() >= 0 && number->get_int64() < 100
                        ? from_code(static_cast<int>(number->get_int64()))
                        : std::nullopt;
  if (!code) return unexplained(answer, host);
  std::string text = printable(text_of(*problem, "detail"));
  if (text.empty()) text = summary(*code);
  if (const auto reason = printable(text_of(*problem, "reason"));
      !reason.empty() && text.find(reason) == std::string::npos) {
    text += " (" + reason + ")";
  }
  if (far(answer) && clock_can_be_the_cause(*code)) {
    return {Errc::clock_skew, clock_text(*answer.clock_ahead) + ", and it refuses: " + text + "; set the clock"};
  }
  return {*code, text + clock_remark(answer)};
}

Result<boost::json::object> json_of(const Answer& answer, const std::string& host) {
  if (!answer.good()) return fail(refusal(answer, host));
  auto object = answer.content_type == "application/json" ? parse_object(answer.body) : std::nullopt;
  if (!object) {
    return fail(Errc::net_http, "the answer of " + host + " is not a JSON object; check the registrar's URL");
  }
  return *std::move(object);
}

Result<std::string> text_member(const boost::json::object& object, std::string_view name, const std::string& host) {
  auto text = text_of(object, name);
  if (text.empty()) {
    return fail(Errc::net_http, "the answer of " + host + " has no text \"" + std::string{name} +
                                    "\"; is this the registrar, and of the same version?");
  }
  return text;
}

}  // namespace signet::https
