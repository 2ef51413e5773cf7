#include "signetctl/text.h"

#include <algorithm>
#include <ctime>
#include <ostream>

#include "base/trim.h"

namespace signet::ctl {
namespace {

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string space(width > text.size() ? width - text.size() : 0, ' ');
  return right ? space + text : text + space;
}

}  // namespace

void print_table(std::ostream& out, const std::vector<std::vector<std::string>>& rows,
                 const std::vector<std::size_t>& right) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += "  ";
      line += padded(row[i], widths[i], std::find(right.begin(), right.end(), i) != right.end());
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

void print_facts(std::ostream& out, const std::vector<std::pair<std::string, std::string>>& facts) {
  std::size_t width = 0;
  for (const auto& [label, value] : facts) width = std::max(width, value.empty() ? 0 : label.size());
  for (const auto& [label, value] : facts) {
    if (value.empty()) continue;
    const std::string indent(width + 4, ' ');
    out << "  " << padded(label, width, false) << "  " << wrapped(value, indent) << '\n';
  }
}

std::string wrapped(std::string_view text, std::string_view indent, std::size_t width) {
  std::string result;
  std::size_t column = indent.size();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    if (column > indent.size()) {
      const bool fits = column + 1 + word.size() <= width;
      result += fits ? " " : "\n" + std::string{indent};
      column = fits ? column + 1 : indent.size();
    }
    result += word;
    column += word.size();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string utc_text(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm utc{};
  char text[64];
  if (!::gmtime_r(&time, &utc)) return std::to_string(seconds);
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc);
  return text;
}

std::string_view without_space_at_ends(std::string_view text) { return trimmed(text); }

std::string human_size(std::uint64_t octets) {
  constexpr std::uint64_t kKiB = 1024;
  constexpr std::uint64_t kMiB = kKiB * kKiB;
  if (octets >= kMiB && octets % kMiB == 0) return std::to_string(octets / kMiB) + " MiB";
  if (octets >= kKiB && octets % kKiB == 0) return std::to_string(octets / kKiB) + " KiB";
  return std::to_string(octets) + " octets";
}

}  // namespace signet::ctl
