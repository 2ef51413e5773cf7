#include "signetctl/validators.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>

#include "signetctl/text.h"

namespace signet::ctl {
namespace {

std::string none_of(const std::string& given, const Words<int>& words) {
  std::string text = "'" + given + "' is not one of ";
  for (std::size_t i = 0; i < words.size(); ++i) text += (i > 0 ? ", " : "") + words[i].first;
  return text;
}

const std::pair<std::string, int>* find(const Words<int>& words, const std::string& given) {
  const auto found = std::find_if(words.begin(), words.end(), [&](const auto& word) { return word.first == given; });
  return found == words.end() ? nullptr : &*found;
}

template <class Number>
std::optional<Number> parse(const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Empty when `text` is a number within the range, as CLI11 wants it.
template <class Number>
CLI::Validator within(const char* kind, Number least, Number most) {
  return {[=](const std::string& text) -> std::string {
            const auto value = parse<Number>(text);
            if (value && *value >= least && *value <= most) return "";
            std::ostringstream rule;
            rule << "must be a " << kind << " from " << least << " to " << most << ", not '" << text << "'";
            return rule.str();
          },
          ""};
}

// With the unit multiplied in; CLI11 throws at units that it does not know.
bool in_octets(std::string& size) try {
  return CLI::AsSizeValue{false}(size).empty();
} catch (const CLI::ValidationError&) {
  return false;
}

}  // namespace

CLI::Validator one_of(std::vector<std::string> words) {
  Words<int> numbered;
  for (auto& word : words) numbered.emplace_back(std::move(word), 0);
  return {[numbered](const std::string& given) { return find(numbered, given) ? "" : none_of(given, numbered); }, ""};
}

CLI::Validator number_of(Words<int> words) {
  return {[words = std::move(words)](std::string& given) -> std::string {
            const auto* found = find(words, given);
            if (!found) return none_of(given, words);
            given = std::to_string(found->second);
            return "";
          },
          ""};
}

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) { return within("whole number", least, most); }
CLI::Validator octets(std::uint64_t most) {
  return {[most](std::string& given) -> std::string {
            std::string size = given;
            const auto value = in_octets(size) ? parse<std::uint64_t>(size) : std::nullopt;
            if (!value || *value > most) {
              return "must be a number of octets such as 512KiB, at most " + human_size(most) + ", not '" + given + "'";
            }
            given = size;
            return "";
          },
          ""};
}

CLI::Validator number(double least, double most) { return within("number", least, most); }

}  // namespace signet::ctl
