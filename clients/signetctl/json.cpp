#include "signetctl/json.h"

#include "base/hex.h"

namespace signet::ctl {
namespace {

boost::json::value field_to_json(const client::Row& row, const char* field) {
  switch (row.type(field)) {
    case SIGNET_TYPE_BOOL: return *row.flag(field);
    case SIGNET_TYPE_UINT: return *row.number(field);
    case SIGNET_TYPE_DOUBLE: return *row.real(field);
    case SIGNET_TYPE_STRING: return boost::json::string{*row.text(field)};
    case SIGNET_TYPE_BYTES: return boost::json::string{to_hex(*row.octets(field))};
    case SIGNET_TYPE_STRINGS: {
      boost::json::array items;
      for (const auto& item : row.texts(field)) items.emplace_back(item);
      return items;
    }
    case SIGNET_TYPE_NONE: break;
  }
  return nullptr;
}

}  // namespace

boost::json::object to_json(const client::Row& row) {
  boost::json::object object;
  for (const std::string& field : row.fields()) {
    boost::json::object* target = &object;
    std::string_view key = field;
    if (const auto dot = key.find('.'); dot != std::string_view::npos) {
      auto& nested = object[key.substr(0, dot)];
      if (!nested.is_object()) nested.emplace_object();
      target = &nested.get_object();
      key.remove_prefix(dot + 1);
    }
    (*target)[key] = field_to_json(row, field.c_str());
  }
  return object;
}

boost::json::array to_json(const client::Result& result) {
  boost::json::array rows;
  for (std::size_t i = 0; i < result.size(); ++i) rows.emplace_back(to_json(result[i]));
  return rows;
}

}  // namespace signet::ctl
