#include "service/usage.h"

#include <algorithm>
#include <iostream>

namespace signet::service {
namespace {

constexpr int kUsage = 2;

// CLI11 misses a subcommand where there is a word that is none.
std::string explained(const CLI::App& app, const CLI::ParseError& wrong) {
  const std::string text = wrong.what();
  if (text != "A subcommand is required") return text;
  const auto words = app.remaining(true);
  const auto word = std::find_if(words.begin(), words.end(), [](const auto& one) { return !one.starts_with('-'); });
  return word == words.end() ? "a command is missing" : "there is no command '" + *word + "'";
}

}  // namespace

int end_parsing(const CLI::App& app, const CLI::ParseError& ended) {
  if (ended.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(ended);
  std::cerr << app.get_name() << ": " << explained(app, ended) << "\nTry '" << app.get_name() << " --help'.\n";
  return kUsage;
}

}  // namespace signet::service
