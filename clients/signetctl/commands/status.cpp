// signetctl status: what the daemon and the chip say.
#include "signetctl/chip_text.h"
#include "signetctl/commands/commands.h"
#include "signetctl/exit_status.h"
#include "signetctl/json.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

void print(std::ostream& out, const client::Row& status) {
  out << "rpmbd " << status.text("version").value_or("?") << ": " << status.text("state").value_or("?");
  if (const auto problem = status.text("problem").value_or(""); !problem.empty()) out << " (" << problem << ")";
  out << '\n';
  Facts facts{{"problem", status.text("problem_text").value_or("")}, {"remedy", status.text("remedy").value_or("")}};
  for (auto& fact : chip_facts(status)) facts.push_back(std::move(fact));
  print_facts(out, facts);
}

int run_status(Session& session) {
  const auto status = session.daemon().status();
  auto json = to_json(status.front());
  if (auto* chip = json.if_contains("chip"); chip && chip->is_object()) spell_ueid(chip->get_object());
  session.answer(json, [&](std::ostream& out) { print(out, status.front()); });
  return kSuccess;
}

}  // namespace

void add_status(CLI::App& parser, Session& session) {
  auto* command = parser.add_subcommand("status", "Show the state of the daemon and of the chip");
  show_examples(*command, R"(  signetctl status
  signetctl status --json | jq .health.write_counter)");
  when_chosen(*command, session, run_status);
}

}  // namespace signet::ctl
