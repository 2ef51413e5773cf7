// signetctl counter: monotonic counters.
#include <memory>

#include "signetctl/commands/commands.h"
#include "signetctl/exit_status.h"
#include "signetctl/json.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

int show(Session& session, const std::string& name, std::uint64_t value) {
  session.answer({{"name", name}, {"value", value}}, [&](std::ostream& out) { out << value << '\n'; });
  return kSuccess;
}

int create(Session& session, const std::string& name) {
  return show(session, name, session.daemon().create_counter(name));
}
int increment(Session& session, const std::string& name) {
  return show(session, name, session.daemon().increment_counter(name));
}
int read(Session& session, const std::string& name) { return show(session, name, session.daemon().read_counter(name)); }

int remove(Session& session, const std::string& name) {
  session.daemon().remove_counter(name);
  session.answer({{"name", name}, {"removed", true}}, [](std::ostream&) {});
  return kSuccess;
}

int list(Session& session) {
  const auto counters = session.daemon().counters();
  session.answer({{"counters", to_json(counters)}}, [&](std::ostream& out) {
    std::vector<std::vector<std::string>> rows{{"VALUE", "NAME"}};
    for (std::size_t i = 0; i < counters.size(); ++i) {
      rows.push_back({std::to_string(counters[i].number("value").value_or(0)), counters[i].text("name").value_or("")});
    }
    if (counters.size() > 0) print_table(out, rows, {0});
  });
  return kSuccess;
}

}  // namespace

void add_counter(CLI::App& parser, Session& session) {
  auto* group = add_group(parser, "counter", "Counters that never go back, not even after a power cut or a re-format");
  const auto name = std::make_shared<std::string>();
  const auto command = [&](const char* verb, const char* description, int (*run)(Session&, const std::string&),
                           const char* example) {
    auto* added = group->add_subcommand(verb, description);
    added->add_option("NAME", *name, "The counter")->required();
    show_examples(*added, example);
    when_chosen(*added, session, [name, run](Session& s) {
      s.listed_by = "signetctl counter ls";
      return run(s, *name);
    });
  };

  command("create", "Make a new counter and print its first value", create, "  signetctl counter create boots");
  command("increment", "Step a counter and print its new value", increment, "  n=$(signetctl counter increment boots)");
  command("read", "Print the value of a counter", read, "  signetctl counter read boots --json | jq .value");
  command("rm", "Delete a counter", remove, "  signetctl counter rm boots");
  when_chosen(*group->add_subcommand("ls", "List the counters"), session, list);
}

}  // namespace signet::ctl
