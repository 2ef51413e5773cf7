#include "http/router.h"

#include <algorithm>

#include "base/hex.h"
#include "http/problem.h"

namespace signet::http {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string_view>& path) {
  return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(), [](const auto& expected, auto segment) {
    return expected.empty() ? !segment.empty() : expected == segment;
  });
}

// Percent-decoded parts of `path` for the wildcards of `pattern`.
Result<std::vector<std::string>> wildcards(const std::vector<std::string>& pattern,
                                           const std::vector<std::string_view>& path) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!pattern[i].empty()) continue;
    auto part = percent_decode(path[i]);
    if (!part) return fail(Errc::invalid_argument, "path: a % must be followed by two hexadecimal digits");
    parts.push_back(*std::move(part));
  }
  return parts;
}

Result<std::map<std::string, std::string>> parse_query(std::string_view text) {
  std::map<std::string, std::string> query;
  if (text.empty()) return query;
  for (const auto pair : split(text, '&')) {
    const auto equals = pair.find('=');
    const auto key = percent_decode(pair.substr(0, equals));
    const auto value = percent_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
    if (!key || !value) return fail(Errc::invalid_argument, "query: a % must be followed by two hexadecimal digits");
    if (!query.emplace(*key, *value).second) return fail(Errc::invalid_argument, "query: a parameter occurs twice");
  }
  return query;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    if (text.front() != '%') {
      decoded += text.front();
      text.remove_prefix(1);
      continue;
    }
    const auto octet = from_hex(text.substr(1, 2));
    if (!octet || octet->size() != 1 || octet->front() == 0) return std::nullopt;
    decoded += static_cast<char>(octet->front());
    text.remove_prefix(3);
  }
  return decoded;
}

Router::Router(std::vector<Route> routes) : routes_{std::move(routes)} {
  for (const auto& route : routes_) {
    auto& pattern = patterns_.emplace_back();
    for (const auto segment : split(std::string_view{route.pattern}.substr(1), '/')) {
      pattern.segments.emplace_back(segment.starts_with('{') ? "" : segment);
    }
  }
}

std::variant<Router::Found, Router::Missed> Router::find(const Request& request) const {
  const std::string_view target = request.target;
  const auto mark = target.find('?');
  const auto path = split(target.substr(1, mark == std::string_view::npos ? mark : mark - 1), '/');
  const auto method = request.method == Method::head ? Method::get : request.method;
  std::string allowed;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    if (!matches(patterns_[i].segments, path)) continue;
    if (routes_[i].method != method) {
      allowed.append(allowed.empty() ? "" : ", ").append(name(routes_[i].method));
      if (routes_[i].method == Method::get) allowed += ", HEAD";
      continue;
    }
    auto parts = wildcards(patterns_[i].segments, path);
    if (!parts) return Missed{problem(parts.error())};
    auto query = parse_query(mark == std::string_view::npos ? "" : target.substr(mark + 1));
    if (!query) return Missed{problem(query.error())};
    return Found{i, Call{request, *std::move(parts), *std::move(query)}};
  }
  if (allowed.empty()) return Missed{problem({Errc::not_found, "no such resource"})};
  auto reply = problem({Errc::unsupported, "this resource has no such method; it has " + allowed}, 405);
  reply.with("Allow", allowed);
  return Missed{std::move(reply)};
}

}  // namespace signet::http
