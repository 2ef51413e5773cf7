#include "jose/strict_json.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace signet::jose {
namespace {

namespace json = boost::json;
using Code = boost::system::error_code;
using Text = json::string_view;

// Boost.JSON itself takes the last of two members with one name. This looks at names only, decoded ones, and stops the
// parser at the first that occurs twice.
struct Names {
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  bool on_object_begin(Code&) {
    open.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, Code&) {
    open.pop_back();
    return true;
  }
  bool on_key_part(Text part, std::size_t, Code&) {
    name.append(part.data(), part.size());
    return true;
  }
  bool on_key(Text rest, std::size_t size, Code& error) {
    on_key_part(rest, size, error);
    if (!open.back().insert(name).second) {
      twice = name;
      error = json::error::exception;
      return false;
    }
    name.clear();
    return true;
  }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t, Code&) { return true; }
  bool on_string_part(Text, std::size_t, Code&) { return true; }
  bool on_string(Text, std::size_t, Code&) { return true; }
  bool on_number_part(Text, Code&) { return true; }
  bool on_int64(std::int64_t, Text, Code&) { return true; }
  bool on_uint64(std::uint64_t, Text, Code&) { return true; }
  bool on_double(double, Text, Code&) { return true; }
  bool on_bool(bool, Code&) { return true; }
  bool on_null(Code&) { return true; }
  bool on_comment_part(Text, Code&) { return true; }
  bool on_comment(Text, Code&) { return true; }

  std::vector<std::set<std::string>> open;  // the names so far, per object that is open
  std::string name;
  std::optional<std::string> twice;
};

json::parse_options options() {
  json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  return options;
}

Failure invalid(std::string what) { return fail(Errc::invalid_argument, std::move(what)); }

Result<void> check_names(std::string_view text) {
  json::basic_parser<Names> parser{options()};
  Code error;
  parser.write_some(false, text.data(), text.size(), error);
  const auto& twice = parser.handler().twice;
  if (!twice) return {};
  return invalid("has the member " + json::serialize(json::string{twice->data(), twice->size()}) + " twice");
}

// Where the string that begins at `at` is over.
std::size_t after_string(std::string_view text, std::size_t at) {
  for (++at; text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

}  // namespace

Result<json::object> parse_json_object(std::string_view text) {
  SIGNET_TRY(check_names(text));
  Code error;
  json::value value = json::parse({text.data(), text.size()}, error, {}, options());
  if (error) return invalid("is not JSON: " + error.message());
  if (!value.is_object()) return invalid("is not an object");
  return std::move(value.get_object());
}

std::string_view raw_member(std::string_view object, std::size_t index) {
  std::size_t depth = 0;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < object.size();) {
    const char c = object[at];
    if (c == '"') {
      at = after_string(object, at);
      continue;
    }
    ++at;
    if (depth == 1 && c == ':') begin = at;
    if (depth == 1 && (c == ',' || c == '}') && index-- == 0) {
      std::string_view raw = object.substr(begin, at - 1 - begin);
      constexpr std::string_view kBlank = " \t\n\r";
      raw.remove_prefix(std::min(raw.find_first_not_of(kBlank), raw.size()));
      return raw.substr(0, raw.find_last_not_of(kBlank) + 1);
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
  }
  return {};
}

}  // namespace signet::jose
