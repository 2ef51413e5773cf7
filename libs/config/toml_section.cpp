#include "config/toml_section.h"

namespace signet::config {
namespace {

std::string type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "an integer";
    case toml::node_type::floating_point: return "a floating-point number";
    case toml::node_type::boolean: return "true or false";
    case toml::node_type::none:
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time: return "a date or time";
  }
  return "something else";
}

}  // namespace

Error config_error(const std::string& file, std::uint32_t line, const std::string& rule) {
  return {Errc::config_invalid, fmt::format("{}:{}: {}", file, line, rule)};
}

const toml::node* TomlSection::find(const std::string& key) {
  known_.insert(key);
  return error_ ? nullptr : table_.get(key);
}

void TomlSection::reject(const toml::node& where, const std::string& key, const std::string& rule) {
  if (error_) return;
  const auto full = name_.empty() ? key : name_ + "." + key;
  error_ = config_error(file_, where.source().begin.line, full + ": " + rule);
}

void TomlSection::reject(const std::string& key, const std::string& rule) {
  const auto* node = table_.get(key);
  reject(node != nullptr ? *node : static_cast<const toml::node&>(table_), key, rule);
}

void TomlSection::text(const std::string& key, std::string& out) {
  const auto* node = find(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<std::string>();
  if (!value) return reject(*node, key, "must be a string, not " + type_name(*node));
  if (value->empty()) return reject(*node, key, "must not be empty; leave the key out instead");
  if (value->find('\0') != std::string::npos) return reject(*node, key, "must not contain a zero octet");
  out = *value;
}

void TomlSection::path(const std::string& key, std::string& out) {
  std::string value;
  text(key, value);
  if (value.empty()) return;
  if (!value.starts_with('/')) return reject(key, "must be an absolute path");
  out = std::move(value);
}

void TomlSection::flag(const std::string& key, bool& out) {
  const auto* node = find(key);
  if (node == nullptr) return;
  const auto value = node->value_exact<bool>();
  if (!value) return reject(*node, key, "must be true or false, not " + type_name(*node));
  out = *value;
}

std::optional<std::int64_t> TomlSection::bounded(const std::string& key, std::int64_t least, std::int64_t most) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto value = node->value_exact<std::int64_t>();
  if (!value) {
    reject(*node, key, "must be an integer, not " + type_name(*node));
    return std::nullopt;
  }
  if (*value < least || *value > most) {
    reject(*node, key, fmt::format("must be from {} to {}, not {}", least, most, *value));
    return std::nullopt;
  }
  return *value;
}

const toml::array* TomlSection::array(const std::string& key) {
  const auto* node = find(key);
  if (node == nullptr) return nullptr;
  if (!node->is_array()) reject(*node, key, "must be an array, not " + type_name(*node));
  return node->as_array();
}

bool TomlSection::require(const std::string& key) {
  if (table_.contains(key)) return true;
  reject(key, "is required");
  return false;
}

Result<void> TomlSection::finish() {
  for (const auto& [key, node] : table_) {
    if (!known_.contains(key.str())) {
      const std::string unknown{key.str()};
      reject(node, unknown, "unknown key");
    }
  }
  if (error_) return fail(*error_);
  return {};
}

}  // namespace signet::config
