#include "activationd/body.h"

#include <fmt/format.h>

#include <boost/beast/core/string.hpp>
#include <boost/json.hpp>

#include "jose/strict_json.h"

namespace signet::activationd {

namespace json = boost::json;

namespace {

std::string_view view(json::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Result<json::object> body_of(const http::Request& request) {
  std::string_view type = request.content_type;
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  if (!type.empty() && !boost::beast::iequals({type.data(), type.size()}, "application/json")) {
    return fail(Errc::invalid_argument, "Content-Type: must be application/json");
  }
  auto object = jose::parse_json_object(request.body);
  if (!object) return fail(object.error().code, "body: " + object.error().context);
  return object;
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

}  // namespace signet::activationd
