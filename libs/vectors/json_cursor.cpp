#include "vectors/json_cursor.h"

#include <algorithm>

#include "base/hex.h"

namespace signet::vectors {

Result<JsonCursor> JsonCursor::member(std::string_view key) const {
  SIGNET_ASSIGN(auto found, find(key));
  if (!found) return JsonCursor{value_, path_ + "." + std::string{key}}.malformed("is missing");
  return *std::move(found);
}

Result<std::optional<JsonCursor>> JsonCursor::find(std::string_view key) const {
  const boost::json::object* object = value_.if_object();
  if (object == nullptr) return malformed("is not an object");
  const boost::json::value* value = object->if_contains(key);
  if (value == nullptr) return std::optional<JsonCursor>{};
  return std::optional<JsonCursor>{std::in_place, *value,
                                   path_.empty() ? std::string{key} : path_ + "." + std::string{key}};
}

Result<std::vector<std::string>> JsonCursor::names() const {
  const boost::json::object* object = value_.if_object();
  if (object == nullptr) return malformed("is not an object");
  std::vector<std::string> names;
  for (const auto& member : *object) names.emplace_back(member.key());
  return names;
}

Result<std::vector<JsonCursor>> JsonCursor::elements() const {
  const boost::json::array* array = value_.if_array();
  if (array == nullptr) return malformed("is not an array");
  std::vector<JsonCursor> elements;
  for (std::size_t i = 0; i < array->size(); ++i) {
    elements.emplace_back((*array)[i], path_ + "[" + std::to_string(i) + "]");
  }
  return elements;
}

Result<std::string> JsonCursor::text() const {
  const boost::json::string* text = value_.if_string();
  if (text == nullptr) return malformed("is not a string");
  return std::string{text->data(), text->size()};
}

Result<bool> JsonCursor::boolean() const {
  const bool* value = value_.if_bool();
  if (value == nullptr) return malformed("is neither true nor false");
  return *value;
}

Result<std::uint64_t> JsonCursor::number_up_to(std::uint64_t most) const {
  std::uint64_t value = 0;
  if (const std::int64_t* small = value_.if_int64(); small != nullptr && *small >= 0) {
    value = static_cast<std::uint64_t>(*small);
  } else if (const std::uint64_t* large = value_.if_uint64()) {
    value = *large;
  } else {
    return malformed("is not a whole number from 0");
  }
  if (value > most) return malformed("is larger than " + std::to_string(most));
  return value;
}

Result<std::int8_t> JsonCursor::signed_octet() const {
  const std::int64_t* value = value_.if_int64();
  if (value == nullptr || *value < INT8_MIN || *value > INT8_MAX) {
    return malformed("is not a whole number from -128 to 127");
  }
  return static_cast<std::int8_t>(*value);
}

Result<Bytes> JsonCursor::octets() const {
  SIGNET_ASSIGN(std::string hex, text());
  auto bytes = from_hex(hex);
  if (!bytes) return malformed("is not hexadecimal");
  return *std::move(bytes);
}

Result<void> JsonCursor::octets_into(std::span<std::uint8_t> to) const {
  SIGNET_ASSIGN(Bytes bytes, octets());
  if (bytes.size() != to.size()) {
    return malformed("has " + std::to_string(bytes.size()) + " octets instead of " + std::to_string(to.size()));
  }
  std::ranges::copy(bytes, to.begin());
  return {};
}

}  // namespace signet::vectors
