// signetctl selftest: does the shipped code compute what it should, on this machine?
#include <memory>

#include "identity/vectors/run_vectors.h"
#include "rpmb/vectors/run_vectors.h"
#include "signetctl/binary.h"
#include "signetctl/commands/commands.h"
#include "signetctl/exit_status.h"
#include "signetctl/quick_checks.h"

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
      list.push_back({{"name", check.name}, {"passed", check.reason.empty()}, {"reason", check.reason}});
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

int run_file(Session& session, const Choice& choice) {
  const auto text = read_input(session, choice.vectors);
  std::vector<QuickCheck> checks;
  const auto keep = [&](const rpmb::VectorCheck& check) { checks.push_back({check.name, check.reason}); };
  const std::string_view json = as_text(text.view());
  const bool of_identity = rpmb::vector_format(json) == identity::kVectorFormat;
  must(of_identity ? identity::run_vectors(json, keep) : rpmb::run_vectors(json, keep));
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
  command
      ->add_option("--vectors", choice->vectors,
                   "Run this file of known answers, format rpmb-vectors/1 or identity-vectors/1")
      ->type_name("FILE");
  command->add_flag("-v,--verbose", choice->verbose, "Name what passed, too");
  when_chosen(*command, session,
              [choice](Session& s) { return choice->vectors.empty() ? run_built_in(s) : run_file(s, *choice); });
}

}  // namespace signet::ctl
