// signetctl store: the objects of this user's namespace.
#include <memory>

#include "base/base64.h"
#include "signetctl/binary.h"
#include "signetctl/commands/commands.h"
#include "signetctl/exit_status.h"
#include "signetctl/json.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

struct Choice {
  std::string name;
  std::string prefix;
  std::string input;
  Destination output;
};

client::OctetsView octets(const SecretBuffer& bytes) { return {bytes.view().data(), bytes.size()}; }

int list(Session& session, const Choice& choice) {
  const auto objects = session.daemon().list(choice.prefix);
  session.answer({{"objects", to_json(objects)}}, [&](std::ostream& out) {
    std::vector<std::vector<std::string>> rows{{"SIZE", "NAME"}};
    for (std::size_t i = 0; i < objects.size(); ++i) {
      rows.push_back({std::to_string(objects[i].number("size").value_or(0)), objects[i].text("name").value_or("")});
    }
    if (objects.size() > 0) print_table(out, rows, {0});
  });
  return kSuccess;
}

int get(Session& session, const Choice& choice) {
  auto fetched = session.daemon().get(choice.name);
  const SecretBuffer value{fetched};
  wipe(fetched.data(), fetched.size());
  if (session.options.json && choice.output.path.empty()) {
    session.print_json({{"name", choice.name}, {"size", value.size()}, {"value_base64", to_base64(value.view())}});
    return kSuccess;
  }
  write_output(session, choice.output, value.view());
  if (session.options.json) session.print_json({{"name", choice.name}, {"size", value.size()}});
  return kSuccess;
}

int put(Session& session, const Choice& choice) {
  const auto value = read_input(session, choice.input);
  session.daemon().put(choice.name, octets(value));
  session.answer({{"name", choice.name}, {"size", value.size()}}, [](std::ostream&) {});
  return kSuccess;
}

int remove(Session& session, const Choice& choice) {
  session.daemon().remove(choice.name);
  session.answer({{"name", choice.name}, {"removed", true}}, [](std::ostream&) {});
  return kSuccess;
}

int usage(Session& session, const Choice&) {
  const auto usage = session.daemon().usage();
  const auto row = usage.front();
  session.answer(to_json(row), [&](std::ostream& out) {
    const auto of = [&](const char* used, const char* limit) {
      const auto most = row.number(limit);
      return std::to_string(row.number(used).value_or(0)) + (most ? " of " + std::to_string(*most) : "");
    };
    print_facts(out, {{"objects", of("objects", "max_objects")},
                      {"octets", of("bytes", "max_bytes")},
                      {"keys", of("keys", "max_keys")},
                      {"writes today", of("writes_today", "max_writes_per_day")}});
  });
  return kSuccess;
}

}  // namespace

void add_store(CLI::App& parser, Session& session) {
  auto* group = add_group(parser, "store", "Keep small objects: encrypted, safe from rollback and power cuts");
  const auto choice = std::make_shared<Choice>();
  const auto command = [&](const char* name, const char* description, int (*run)(Session&, const Choice&)) {
    auto* added = group->add_subcommand(name, description);
    when_chosen(*added, session, [choice, run](Session& s) {
      s.listed_by = "signetctl store ls";
      return run(s, *choice);
    });
    return added;
  };

  auto* listing = command("ls", "List the objects", list);
  listing->add_option("PREFIX", choice->prefix, "Only names that begin so");
  show_examples(*listing, "  signetctl store ls wifi.");

  auto* getting = command("get", "Write an object to the standard output", get);
  getting->add_option("NAME", choice->name, "The object")->required();
  add_output(*getting, choice->output, "Write to this file instead (mode 0600 when new)", "-f,--file");
  getting->add_flag("--hex", choice->output.hex, "As hexadecimal digits");
  getting->add_flag("--force", choice->output.force, "Binary data to a terminal, too");
  show_examples(*getting, R"(  signetctl store get wifi.psk > psk.txt
  signetctl store get seed --output seed.bin
  signetctl store get seed --hex)");

  auto* putting = command("put", "Create or replace an object with what the standard input holds", put);
  putting->add_option("NAME", choice->name, "The object")->required();
  putting->add_option("-f,--file", choice->input, "Read this file instead")->type_name("FILE");
  show_examples(*putting, R"(  signetctl store put wifi.psk < psk.txt
  signetctl store put seed --file seed.bin)");

  command("rm", "Delete an object", remove)->add_option("NAME", choice->name, "The object")->required();
  command("usage", "Show how much of the quotas is used", usage);
}

}  // namespace signet::ctl
