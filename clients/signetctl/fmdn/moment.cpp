#include "signetctl/fmdn/moment.h"

#include <time.h>

#include <charconv>
#include <optional>

#include "signetctl/session.h"

namespace signet::ctl {
namespace {

constexpr std::int64_t kLast = 253'402'300'799;  // the end of the year 9999

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > kLast || value < -kLast) return std::nullopt;
  return value;
}

std::optional<std::int64_t> date(const std::string& text) {
  for (const char* format : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S"}) {
    std::tm utc{};
    const char* end = ::strptime(text.c_str(), format, &utc);
    if (end && *end == '\0') return ::timegm(&utc);
  }
  return std::nullopt;
}

}  // namespace

Moment parse_moment(const std::string& text, const std::string& option, Moment now) {
  if (text.empty() || text == "now") return now;
  const auto seconds = number(text.front() == '@' ? std::string_view{text}.substr(1) : text);
  if (seconds && text.front() == '-') return now + std::chrono::seconds{*seconds};
  if (seconds && *seconds >= 0) return Moment{std::chrono::seconds{*seconds}};
  if (const auto day = date(text)) return Moment{std::chrono::seconds{*day}};
  throw Failed{Errc::invalid_argument, option + " '" + text +
                                           "': must be a UTC time such as 2026-11-21T10:20:30Z, seconds since 1970, or "
                                           "seconds ago such as -90"};
}

}  // namespace signet::ctl
