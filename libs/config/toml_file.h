// A configuration file: its text, parsed, with the errors of the daemons' configurations.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <toml++/toml.h>

#include "base/result.h"
#include "config/toml_section.h"

namespace signet::config {

// TOML in ASCII; `file` names it in errors. Error: config_invalid, "file:line: rule".
Result<toml::table> parse_toml(std::string_view text, const std::string& file);

// At most 1 MiB. Error: config_invalid, names the file.
Result<std::string> read_file(const std::filesystem::path& path);

// Runs `parse` on the table `name` of `table` if there is one; an error names the table.
template <class T>
Result<void> read_section(TomlSection& top, const toml::table& table, const std::string& name, const std::string& file,
                          T& out, Result<T> (*parse)(TomlSection)) {
  const auto* node = table.get(name);
  if (node == nullptr) return {};
  if (!node->is_table()) {
    return fail(config_error(file, node->source().begin.line, name + ": must be a table, [" + name + "]"));
  }
  top.known(name);
  SIGNET_ASSIGN(out, parse(TomlSection{*node->as_table(), name, file}));
  return {};
}

}  // namespace signet::config
