// What the value of an option may be, and the one clause that says so to whoever gave another one.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace signet::ctl {

// Words, each with what it stands for.
template <class Enum>
using Words = std::vector<std::pair<std::string, Enum>>;

// One of these words.
CLI::Validator one_of(std::vector<std::string> words);

// For transform(): the word becomes the number of its enumerator, which CLI11 reads. CLI11's own CheckedTransformer
// would take the number from the user, too, and lists both in its errors.
CLI::Validator number_of(Words<int> words);
template <class Enum>
CLI::Validator one_of(const Words<Enum>& words) {
  Words<int> numbered;
  for (const auto& [word, value] : words) numbered.emplace_back(word, static_cast<int>(value));
  return number_of(std::move(numbered));
}

// In decimal digits; both ends belong to the range.
CLI::Validator whole_number(std::uint64_t least, std::uint64_t most);
CLI::Validator number(double least, double most);

// For transform(): a number of octets, with a unit such as KiB or none. 1 KiB has 1024 of them, as has 1 KB.
CLI::Validator octets(std::uint64_t most);

}  // namespace signet::ctl
