// signetctl whoami: who the daemon takes this user for, and how much of the quotas is used.
#include <algorithm>

#include "signetctl/commands/commands.h"
#include "signetctl/exit_status.h"
#include "signetctl/json.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string value_of(const client::Row& row, const std::string& field) {
  switch (row.type(field.c_str())) {
    case SIGNET_TYPE_UINT: return std::to_string(*row.number(field.c_str()));
    case SIGNET_TYPE_STRING: return *row.text(field.c_str());
    case SIGNET_TYPE_STRINGS: return joined(row.texts(field.c_str()));
    default: return "";
  }
}

int run_whoami(Session& session) {
  const auto caller = session.daemon().whoami();
  session.answer(to_json(caller.front()), [&](std::ostream& out) {
    std::vector<std::pair<std::string, std::string>> facts;
    for (const auto& field : caller.front().fields()) facts.emplace_back(field, value_of(caller.front(), field));
    std::stable_partition(facts.begin(), facts.end(), [](const auto& fact) { return fact.first == "namespace"; });
    print_facts(out, facts);
  });
  return kSuccess;
}

}  // namespace

void add_whoami(CLI::App& parser, Session& session) {
  auto* command = parser.add_subcommand("whoami", "Show this user's namespace, rights and quotas");
  when_chosen(*command, session, run_whoami);
}

}  // namespace signet::ctl
