#include "http/json_input.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace signet::http {

namespace json = boost::json;

namespace {

Failure bad(const std::string& rule) { return fail(Errc::invalid_argument, "body: " + rule); }

std::string_view view(json::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Result<json::object> parse_object(std::string_view body) {
  json::stream_parser parser{{}, {.max_depth = kMaxDepth}};
  boost::system::error_code error;
  const auto read = parser.write_some(body.data(), body.size(), error);
  if (error == json::error::too_deep) return bad(fmt::format("nested deeper than {} levels", kMaxDepth));
  if (!error && read < body.size()) error = json::error::extra_data;
  if (!error) parser.finish(error);
  if (error) return bad(fmt::format("not JSON at octet {}: {}", read, error.message()));
  auto value = parser.release();
  if (!value.is_object()) return bad("must be a JSON object");
  return std::move(value.get_object());
}

void Members::reject(std::string_view member, const std::string& rule) {
  if (!error_) error_ = Error{Errc::invalid_argument, fmt::format("{}: {}", member, rule)};
}

std::optional<std::string> Members::read(std::string_view member, const json::value& value, std::size_t most) {
  if (!value.is_string()) {
    reject(member, fmt::format("must be a string, not {}", view(json::to_string(value.kind()))));
    return std::nullopt;
  }
  const auto& text = value.get_string();
  if (text.size() > most) {
    reject(member, fmt::format("{} octets: at most {} are allowed", text.size(), most));
    return std::nullopt;
  }
  return std::string{text.data(), text.size()};
}

void Members::text(std::string_view member, std::string& out, std::size_t most) {
  std::optional<std::string> value;
  optional_text(member, value, most);
  if (!value) return reject(member, "is required");
  out = *std::move(value);
}

void Members::optional_text(std::string_view member, std::optional<std::string>& out, std::size_t most) {
  const auto* value = object_.if_contains(json::string_view{member.data(), member.size()});
  if (value != nullptr) out = read(member, *value, most);
}

void Members::optional_texts(std::string_view member, std::vector<std::string>& out, std::size_t most,
                             std::size_t octets) {
  const auto* value = object_.if_contains(json::string_view{member.data(), member.size()});
  if (value == nullptr) return;
  const auto* list = value->if_array();
  if (list == nullptr || list->empty() || list->size() > most) {
    return reject(member, fmt::format("must be a list of 1 to {} strings", most));
  }
  out.clear();
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (auto text = read(fmt::format("{}[{}]", member, i), (*list)[i], octets)) out.push_back(*std::move(text));
  }
}

Result<void> Members::finish() {
  if (error_) return fail(*error_);
  return {};
}

}  // namespace signet::http
