#include "signetctl/json_text.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cctype>
#include <string>
#include <vector>

#include "signetctl/text.h"

namespace signet::ctl {
namespace {

std::string plain(const boost::json::value& value) {
  if (value.is_null()) return "";
  std::string text = value.is_string() ? std::string{value.get_string()} : boost::json::serialize(value);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

bool is_compound(const boost::json::value& value) { return value.is_object() || value.is_array(); }

std::string heading(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return plain(boost::json::value(text));
}

std::vector<std::string> columns_of(const boost::json::array& objects) {
  std::vector<std::string> columns;
  for (const auto& item : objects) {
    if (!item.is_object()) continue;
    for (const auto& [name, value] : item.get_object()) {
      if (!is_compound(value) && std::find(columns.begin(), columns.end(), name) == columns.end()) {
        columns.emplace_back(name);
      }
    }
  }
  return columns;
}

}  // namespace

void print_members(std::ostream& out, const boost::json::object& object) {
  std::vector<std::pair<std::string, std::string>> facts;
  for (const auto& [name, value] : object) facts.emplace_back(plain(boost::json::value(name)), plain(value));
  print_facts(out, facts);
}

void print_objects(std::ostream& out, const boost::json::array& objects) {
  const auto columns = columns_of(objects);
  if (columns.empty()) return;
  std::vector<std::vector<std::string>> rows(1);
  for (const auto& column : columns) rows[0].push_back(heading(column));
  for (const auto& item : objects) {
    if (!item.is_object()) continue;
    auto& row = rows.emplace_back();
    for (const auto& column : columns) {
      const auto* value = item.get_object().if_contains(column);
      row.push_back(value && !is_compound(*value) ? plain(*value) : "");
    }
  }
  print_table(out, rows);
}

}  // namespace signet::ctl
