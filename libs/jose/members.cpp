#include "jose/members.h"

#include <boost/json/value.hpp>

#include "base/base64.h"

namespace signet::jose {

namespace json = boost::json;

Failure Members::invalid(std::string_view name, const std::string& what) const {
  return fail(Errc::invalid_argument, path_ + std::string{name} + ": " + what);
}

const json::value* Members::find(std::string_view name) const {
  return object_.if_contains({name.data(), name.size()});
}

Result<const json::value*> Members::get(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return invalid(name, "is missing");
  return value;
}

Result<std::string> Members::text(std::string_view name) const {
  SIGNET_ASSIGN(const json::value* value, get(name));
  const json::string* text = value->if_string();
  if (text == nullptr) return invalid(name, "must be a string");
  return std::string{text->data(), text->size()};
}

Result<std::optional<std::string>> Members::optional_text(std::string_view name) const {
  if (!contains(name)) return std::optional<std::string>{};
  SIGNET_ASSIGN(std::string value, text(name));
  return std::optional{std::move(value)};
}

Result<std::uint64_t> Members::number(std::string_view name, std::uint64_t most) const {
  SIGNET_ASSIGN(const json::value* value, get(name));
  std::optional<std::uint64_t> number;
  if (const std::int64_t* small = value->if_int64(); small != nullptr && *small >= 0) {
    number = static_cast<std::uint64_t>(*small);
  } else if (const std::uint64_t* large = value->if_uint64()) {
    number = *large;
  }
  if (!number || *number > most) return invalid(name, "must be a whole number from 0 to " + std::to_string(most));
  return *number;
}

Result<Bytes> Members::octets(std::string_view name, std::size_t least, std::size_t most) const {
  SIGNET_ASSIGN(const std::string encoded, text(name));
  auto octets = from_base64url(encoded);
  if (octets && octets->size() >= least && octets->size() <= most) return *std::move(octets);
  std::string size = std::to_string(least);
  if (most != least) size += " to " + std::to_string(most);
  return invalid(name, "must be base64url of " + size + " octets");
}

Result<Members> Members::object(std::string_view name) const {
  SIGNET_ASSIGN(const json::value* value, get(name));
  const json::object* object = value->if_object();
  if (object == nullptr) return invalid(name, "must be an object");
  return Members{*object, path_ + std::string{name} + "."};
}

}  // namespace signet::jose
