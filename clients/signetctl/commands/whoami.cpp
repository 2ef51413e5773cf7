// signetctl whoami: who the daemon takes this user for, and what it lets this user do.
#include "signetctl/commands/commands.h"
#include "signetctl/exit_status.h"
#include "signetctl/json.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

std::string number(const client::Row& caller, const char* field) {
  const auto value = caller.number(field);
  return value ? std::to_string(*value) : "";
}

int run_whoami(Session& session) {
  const auto caller = session.daemon().whoami();
  session.answer(to_json(caller.front()), [&](std::ostream& out) {
    const auto row = caller.front();
    print_facts(out, {{"namespace", row.text("namespace").value_or("")},
                      {"rights", joined(row.texts("rights"))},
                      {"objects at most", number(row, "quotas.objects")},
                      {"octets at most", number(row, "quotas.bytes")},
                      {"keys at most", number(row, "quotas.keys")},
                      {"writes a day at most", number(row, "quotas.writes_per_day")}});
  });
  return kSuccess;
}

}  // namespace

void add_whoami(CLI::App& parser, Session& session) {
  auto* command = parser.add_subcommand("whoami", "Show this user's namespace, rights and quotas");
  when_chosen(*command, session, run_whoami);
}

}  // namespace signet::ctl
