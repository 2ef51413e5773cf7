// signetctl completion: the completion script, and the names that it completes.
#include <memory>

#include "completion_script.h"
#include "signetctl/commands/commands.h"
#include "signetctl/exit_status.h"
#include "signetctl/validators.h"

namespace signet::ctl {
namespace {

int print_names(Session& session, const client::Result& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) session.io.out << rows[i].text("name").value_or("") << '\n';
  return kSuccess;
}

int run_completion(Session& session, const std::string& what) {
  if (what == "objects") return print_names(session, session.daemon().list());
  if (what == "keys") return print_names(session, session.daemon().keys());
  if (what == "counters") return print_names(session, session.daemon().counters());
  session.io.out << kBashCompletion;
  return kSuccess;
}

}  // namespace

void add_completion(CLI::App& parser, Session& session) {
  const auto what = std::make_shared<std::string>();
  auto* command =
      parser.add_subcommand("completion", "Print the completion script for bash, or names that it completes");
  command->add_option("WHAT", *what, "bash, or the names it completes: objects, keys, counters")
      ->required()
      ->check(one_of({"bash", "objects", "keys", "counters"}));
  show_examples(*command, "  eval \"$(signetctl completion bash)\"");
  when_chosen(*command, session, [what](Session& s) { return run_completion(s, *what); });
}

}  // namespace signet::ctl
