// Aligned text for people.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signet::ctl {

// Rows of cells in aligned columns, two spaces apart; the first row is the heading. Columns named in `right` (by index)
// are flush right.
void print_table(std::ostream& out, const std::vector<std::vector<std::string>>& rows,
                 const std::vector<std::size_t>& right = {});

// "  label   value", the values aligned and wrapped; rows with an empty value are left out.
void print_facts(std::ostream& out, const std::vector<std::pair<std::string, std::string>>& facts);

// `text` broken at spaces into lines of at most `width`, each but the first behind `indent`.
std::string wrapped(std::string_view text, std::string_view indent, std::size_t width = 100);

// "sign, verify"
std::string joined(const std::vector<std::string>& words);

// "2026-11-21 10:20:30 UTC"; the number itself where there is no such date. Seconds since 1970.
std::string utc_text(std::int64_t seconds);

// As people and editors leave it at the ends of a file.
std::string_view without_space_at_ends(std::string_view text);

// "128 KiB", "1 MiB", "512 octets"
std::string human_size(std::uint64_t octets);

}  // namespace signet::ctl
