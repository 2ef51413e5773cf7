#include "activation/members.h"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "base/base64.h"
#include "base/secret_bytes.h"

namespace signet::activation {
namespace {

namespace json = boost::json;

Failure bad(std::string_view name, std::string_view rule) {
  return fail(Errc::invalid_argument, std::string{name} + ": " + std::string{rule});
}

}  // namespace

Result<json::object> parse_object(std::string_view text, std::string_view what) {
  boost::system::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error);
  if (error) return bad(what, "must be JSON: " + error.message());
  if (!value.is_object()) return bad(what, "must be a JSON object");
  return std::move(value.get_object());
}

Result<std::string> text_member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr) return bad(name, "is missing");
  if (!value->is_string()) return bad(name, "must be a string");
  return std::string{value->get_string().data(), value->get_string().size()};
}

Result<void> octets_member(const json::object& object, std::string_view name, std::span<std::uint8_t> out) {
  SIGNET_ASSIGN(auto text, text_member(object, name));
  auto octets = from_base64url(text);
  wipe(text.data(), text.size());
  if (!octets || octets->size() != out.size()) {
    return bad(name, "must be base64url of " + std::to_string(out.size()) + " octets");
  }
  std::copy(octets->begin(), octets->end(), out.begin());
  wipe(octets->data(), octets->size());
  return {};
}

Result<json::object> object_member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr) return bad(name, "is missing");
  if (!value->is_object()) return bad(name, "must be an object");
  return value->get_object();
}

}  // namespace signet::activation
