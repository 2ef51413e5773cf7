// signetctl selftest: does the shipped code compute what it should, on this machine?
#include <algorithm>
#include <array>
#include <memory>

#include "dult/vectors/run_vectors.h"
#include "fastpair/vectors/run_vectors.h"
#include "fmdn/vectors/run_vectors.h"
#include "identity/vectors/run_vectors.h"
#include "rpmb/vectors/run_vectors.h"
#include "signetctl/binary.h"
#include "signetctl/commands/commands.h"
#include "signetctl/exit_status.h"
#include "signetctl/quick_checks.h"
#include "vectors/document.h"

namespace signet::ctl {
namespace {

struct Choice {
  std::string vectors;
  bool verbose = false;
};

int conclude(Session& session, const std::vector<QuickCheck>& checks, bool list_all) {
  std::size_t failed = 0;
  boost::json::array list;
  for (const auto& check : checks) {
    if (!check.reason.empty()) ++failed;
    if (list_all || !check.reason.empty()) {
      list.push_back({{"name", check.name}, {"ok", check.reason.empty()}, {"reason", check.reason}});
    }
  }
  const std::size_t passed = checks.size() - failed;
  session.answer({{"passed", passed}, {"failed", failed}, {"checks", list}}, [&](std::ostream& out) {
    for (const auto& check : checks) {
      if (!check.reason.empty()) out << "FAIL  " << check.name << ": " << check.reason << '\n';
      if (list_all && check.reason.empty()) out << "ok    " << check.name << '\n';
    }
    out << passed << " passed, " << failed << " failed\n";
  });
  return failed == 0 ? kSuccess : kFoundFailures;
}

struct Kind {
  std::string_view format;
  Result<vectors::Report> (*run)(std::string_view json, const vectors::Progress& progress);
};
constexpr std::array kKinds{
    Kind{rpmb::kVectorFormat, rpmb::run_vectors},         Kind{identity::kVectorFormat, identity::run_vectors},
    Kind{fastpair::kVectorFormat, fastpair::run_vectors}, Kind{fmdn::kVectorFormat, fmdn::run_vectors},
    Kind{dult::kVectorFormat, dult::run_vectors},
};

std::string known_formats() {
  std::string all;
  for (const Kind& kind : kKinds) all += (all.empty() ? "" : ", ") + std::string{kind.format};
  return all;
}

// A document of no format that is known goes to the first runner, which says why not.
Result<vectors::Report> run_vectors(std::string_view json, const vectors::Progress& progress) {
  const std::string format = vectors::format_of(json);
  const auto* kind = std::ranges::find(kKinds, format, &Kind::format);
  if (kind != kKinds.end()) return kind->run(json, progress);
  if (format.empty()) return kKinds.front().run(json, progress);
  return fail(Errc::unsupported, "vectors: the format is '" + format + "', this program knows " + known_formats());
}

int run_file(Session& session, const Choice& choice) {
  const auto text = read_input(session, choice.vectors);
  std::vector<QuickCheck> checks;
  const auto keep = [&](const vectors::Check& check) { checks.push_back({check.name, check.reason}); };
  const std::string_view json = as_text(text.view());
  must(run_vectors(json, keep));
  return conclude(session, checks, choice.verbose);
}

int run_built_in(Session& session) {
  auto checks = run_quick_checks();
  try {
    session.daemon().status();
    checks.push_back({"daemon", ""});
  } catch (const client::Error& error) {
    checks.push_back({"daemon", error.what()});
  }
  return conclude(session, checks, true);
}

}  // namespace

void add_selftest(CLI::App& parser, Session& session) {
  const auto choice = std::make_shared<Choice>();
  auto* command = parser.add_subcommand("selftest", "Check the shipped code against known answers, on this machine");
  command->add_option("--vectors", choice->vectors, "Run this file of known answers; formats: " + known_formats())
      ->type_name("FILE");
  command->add_flag("-v,--verbose", choice->verbose, "Name what passed, too");
  show_examples(*command, R"(  signetctl selftest
  signetctl selftest --vectors rpmb.json --verbose)");
  when_chosen(*command, session,
              [choice](Session& s) { return choice->vectors.empty() ? run_built_in(s) : run_file(s, *choice); });
}

}  // namespace signet::ctl
