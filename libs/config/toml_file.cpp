#include "config/toml_file.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>

namespace signet::config {
namespace {

constexpr std::size_t kMaxFile = 1024 * 1024;

// Other characters have no place in names and paths here, and toml++ (3.3 and 3.4) reaches an "unreachable" point in
// its tables of letters on some of them where a key is expected.
Result<void> check_ascii(std::string_view text, const std::string& file) {
  const auto other = std::find_if(text.begin(), text.end(), [](char c) {
    return (c & 0x80) != 0 || c == 0x7f || (c < 0x20 && c != '\t' && c != '\n' && c != '\r');
  });
  if (other == text.end()) return {};
  const auto line = 1 + std::count(text.begin(), other, '\n');
  return fail(config_error(file, static_cast<std::uint32_t>(line),
                           fmt::format("octet 0x{:02x} is not ASCII text", static_cast<unsigned char>(*other))));
}

// The same "unreachable" point is reached by a table header that does not begin with a name, such as "[(".
Result<void> check_headers(std::string_view text, const std::string& file) {
  constexpr std::string_view kBlanks = " \t";
  std::uint32_t line = 0;
  while (!text.empty()) {
    ++line;
    std::string_view rest = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), rest.size() + 1));
    rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(kBlanks)));
    if (!rest.starts_with('[')) continue;
    rest.remove_prefix(rest.starts_with("[[") ? 2 : 1);
    rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(kBlanks)));
    const char first = rest.empty() ? '\0' : rest.front();
    const bool begins = std::isalnum(static_cast<unsigned char>(first)) != 0 || first == '_' || first == '-';
    if (!begins) return fail(config_error(file, line, "after [ the name of a table must follow"));
  }
  return {};
}

}  // namespace

Result<toml::table> parse_toml(std::string_view text, const std::string& file) try {
  SIGNET_TRY(check_ascii(text, file));
  SIGNET_TRY(check_headers(text, file));
  return toml::parse(text, std::string_view{file});
} catch (const toml::parse_error& error) {
  return fail(config_error(file, error.source().begin.line, std::string{error.description()}));
}

Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream stream{path, std::ios::binary};
  if (!stream)
    return fail(Errc::config_invalid, path.string() + ": cannot be read; is it there, and readable for user id " +
                                          std::to_string(::geteuid()) + "?");
  std::string text{std::istreambuf_iterator<char>{stream}, {}};
  if (text.size() > kMaxFile) return fail(Errc::config_invalid, path.string() + ": larger than 1 MiB");
  return text;
}

}  // namespace signet::config
