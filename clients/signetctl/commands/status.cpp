// signetctl status: what the daemon and the chip say.
#include <cstdio>

#include "signetctl/commands/commands.h"
#include "signetctl/exit_status.h"
#include "signetctl/json.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

std::string number(const client::Row& status, const char* field) {
  const auto value = status.number(field);
  return value ? std::to_string(*value) : "";
}

std::string size(const client::Row& status, const char* field) {
  const auto value = status.number(field);
  return value ? human_size(*value) : "";
}

std::string yes_no(const client::Row& status, const char* field) {
  const auto value = status.flag(field);
  return !value ? "" : *value ? "yes" : "no";
}

std::string chip_kind(const client::Row& status) {
  std::string kind = status.text("chip.transport").value_or("");
  if (status.flag("chip.emulated").value_or(false) && kind != "emulator") kind += ", counts as emulated";
  const auto node = status.text("chip.node").value_or("");
  return node.empty() ? kind : kind + " at " + node;
}

std::string wear(const client::Row& status) {
  const auto counter = status.number("health.write_counter");
  const auto budget = status.number("health.wear_budget");
  if (!counter || !budget) return number(status, "health.write_counter");
  char percent[32];
  std::snprintf(percent, sizeof percent, "%.2f", status.real("health.wear_percent").value_or(0));
  return std::to_string(*counter) + " of " + std::to_string(*budget) + " writes guaranteed (" + percent + " %)";
}

std::string slots(const client::Row& status) {
  const auto all = status.number("health.slots");
  return all ? number(status, "health.slots_used") + " used, " + number(status, "health.slots_free") + " free of " +
                   std::to_string(*all)
             : "";
}

std::string slowest(const client::Row& status) {
  const auto value = number(status, "health.slowest_operation_ms");
  return value.empty() ? "" : value + " ms";
}

void print(std::ostream& out, const client::Row& status) {
  out << "rpmbd " << status.text("version").value_or("?") << ": " << status.text("state").value_or("?");
  if (const auto problem = status.text("problem").value_or(""); !problem.empty()) out << " (" << problem << ")";
  out << '\n';
  print_facts(out, {{"problem", status.text("problem_text").value_or("")},
                    {"remedy", status.text("remedy").value_or("")},
                    {"chip", chip_kind(status)},
                    {"cid", status.text("chip.cid").value_or("")},
                    {"size", size(status, "chip.size")},
                    {"provisioned", yes_no(status, "chip.provisioned")},
                    {"root secret", status.text("chip.root_source").value_or("")},
                    {"store", size(status, "chip.region")},
                    {"slots", slots(status)},
                    {"wear", wear(status)},
                    {"reads", number(status, "health.reads")},
                    {"writes", number(status, "health.writes")},
                    {"retries", number(status, "health.retries")},
                    {"doubts", number(status, "health.doubts")},
                    {"slowest operation", slowest(status)}});
}

int run_status(Session& session) {
  const auto status = session.daemon().status();
  session.answer(to_json(status.front()), [&](std::ostream& out) { print(out, status.front()); });
  return kSuccess;
}

}  // namespace

void add_status(CLI::App& parser, Session& session) {
  auto* command = parser.add_subcommand("status", "Show the state of the daemon and of the chip");
  when_chosen(*command, session, run_status);
}

}  // namespace signet::ctl
