#include "base/error.h"

#include <array>

namespace signet {
namespace {

struct Row {
  Errc code;
  std::string_view name;
  Category category;
  std::string_view summary;
};

constexpr auto kRows = std::to_array<Row>({
#define SIGNET_ERROR(code, name, category, summary) {Errc::name, #name, Category::category, summary},
#include "base/errors.def"
#undef SIGNET_ERROR
});

constexpr std::string_view kBusPrefix = "org.signet.Error.";

const Row& row(Errc code) {
  for (const Row& candidate : kRows) {
    if (candidate.code == code) return candidate;
  }
  return kRows.back();  // only a cast from an unchecked number gets here
}

}  // namespace

std::string_view name(Errc code) { return row(code).name; }
std::string_view summary(Errc code) { return row(code).summary; }
Category category(Errc code) { return row(code).category; }

std::string_view name(Category category) {
  switch (category) {
    case Category::fix_request: return "fix_request";
    case Category::retry: return "retry";
    case Category::outcome_unknown: return "outcome_unknown";
    case Category::fix_configuration: return "fix_configuration";
    case Category::re_enrol: return "re_enrol";
    case Category::replace_hardware: return "replace_hardware";
    case Category::not_yours: return "not_yours";
  }
  return "";
}

std::string bus_name(Errc code) {
  std::string result{kBusPrefix};
  bool upper = true;
  for (char c : name(code)) {
    if (c == '_') {
      upper = true;
      continue;
    }
    result += upper ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return result;
}

std::optional<Errc> from_bus_name(std::string_view wanted) {
  for (const Row& candidate : kRows) {
    if (bus_name(candidate.code) == wanted) return candidate.code;
  }
  return std::nullopt;
}

std::optional<Errc> from_code(int code) {
  for (const Row& candidate : kRows) {
    if (static_cast<int>(candidate.code) == code) return candidate.code;
  }
  return std::nullopt;
}

std::string to_string(const Error& error) {
  std::string text{name(error.code)};
  text += ": ";
  text += summary(error.code);
  if (!error.context.empty()) text += " (" + error.context + ")";
  return text;
}

}  // namespace signet
