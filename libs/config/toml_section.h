// One table of a TOML file, taken apart with the rules that it must keep.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <toml++/toml.h>

#include "base/result.h"

namespace signet::config {

// Call the readers for every key that may occur, then finish(). The first broken rule is kept; later ones are not
// looked at. A key that is absent leaves its output alone.
class TomlSection {
 public:
  TomlSection(const toml::table& table, std::string name, std::string file)
      : table_{table}, name_{std::move(name)}, file_{std::move(file)} {}

  void text(const std::string& key, std::string& out);
  void path(const std::string& key, std::string& out);  // absolute
  void flag(const std::string& key, bool& out);
  template <class Number>
  void number(const std::string& key, Number& out, std::int64_t least, std::int64_t most) {
    if (const auto value = bounded(key, least, most)) out = static_cast<Number>(*value);
  }
  template <class Number>
  void number(const std::string& key, std::optional<Number>& out, std::int64_t least, std::int64_t most) {
    if (const auto value = bounded(key, least, most)) out = static_cast<Number>(*value);
  }
  const toml::array* array(const std::string& key);
  bool require(const std::string& key);
  void known(const std::string& key) { known_.insert(key); }  // read elsewhere

  // For rules of the caller's own. The line is that of `key`.
  void reject(const std::string& key, const std::string& rule);
  void reject(const toml::node& where, const std::string& key, const std::string& rule);
  [[nodiscard]] bool ok() const { return !error_; }

  // Refuses every key that no reader has asked for.
  Result<void> finish();

 private:
  const toml::node* find(const std::string& key);
  std::optional<std::int64_t> bounded(const std::string& key, std::int64_t least, std::int64_t most);

  const toml::table& table_;
  std::string name_;
  std::string file_;
  std::set<std::string, std::less<>> known_;
  std::optional<Error> error_;
};

// "file:line: rule" as an Error.
Error config_error(const std::string& file, std::uint32_t line, const std::string& rule);

}  // namespace signet::config
