// signetctl key: keys that never leave the daemon.
#include <memory>

#include "signetctl/binary.h"
#include "signetctl/commands/commands.h"
#include "signetctl/exit_status.h"
#include "signetctl/json.h"
#include "signetctl/pem.h"
#include "signetctl/text.h"
#include "signetctl/validators.h"

namespace signet::ctl {
namespace {

struct Choice {
  std::string name;
  std::string algorithm = SIGNET_ECDSA_P256;
  std::string format = "pem";
  Destination output;
};

int generate(Session& session, const Choice& choice) {
  session.daemon().generate_key(choice.name, choice.algorithm);
  session.answer({{"name", choice.name}, {"algorithm", choice.algorithm}}, [](std::ostream&) {});
  return kSuccess;
}

int list(Session& session, const Choice&) {
  const auto keys = session.daemon().keys();
  session.answer({{"keys", to_json(keys)}}, [&](std::ostream& out) {
    std::vector<std::vector<std::string>> rows{{"ALGORITHM", "NAME"}};
    for (std::size_t i = 0; i < keys.size(); ++i) {
      rows.push_back({keys[i].text("algorithm").value_or(""), keys[i].text("name").value_or("")});
    }
    if (keys.size() > 0) print_table(out, rows);
  });
  return kSuccess;
}

int remove(Session& session, const Choice& choice) {
  session.daemon().remove_key(choice.name);
  session.answer({{"name", choice.name}, {"removed", true}}, [](std::ostream&) {});
  return kSuccess;
}

int show_public(Session& session, const Choice& choice) {
  const auto der = session.daemon().public_key(choice.name);
  const std::string pem = to_pem("PUBLIC KEY", der);
  const BytesView written = choice.format == "pem" ? as_bytes(pem) : BytesView{der};
  if (!session.options.json || !choice.output.path.empty()) write_output(session, choice.output, written);
  if (session.options.json) session.print_json({{"name", choice.name}, {"public_key_pem", pem}});
  return kSuccess;
}

}  // namespace

void add_key(CLI::App& parser, Session& session) {
  auto* group = add_group(parser, "key", "Keys that sign and verify without ever leaving the daemon");
  const auto choice = std::make_shared<Choice>();
  const auto command = [&](const char* name, const char* description, int (*run)(Session&, const Choice&)) {
    auto* added = group->add_subcommand(name, description);
    when_chosen(*added, session, [choice, run](Session& s) {
      s.listed_by = "signetctl key ls";
      return run(s, *choice);
    });
    return added;
  };

  auto* generating = command("generate", "Make a new key", generate);
  generating->add_option("NAME", choice->name, "The key")->required();
  generating->add_option("--algorithm", choice->algorithm, "ecdsa-p256 (when not given) or hmac-sha256")
      ->check(one_of({SIGNET_ECDSA_P256, SIGNET_HMAC_SHA256}))
      ->option_text("ALGORITHM");
  show_examples(*generating, R"(  signetctl key generate device
  signetctl key generate session --algorithm hmac-sha256)");

  command("ls", "List the keys", list);
  command("rm", "Delete a key", remove)->add_option("NAME", choice->name, "The key")->required();

  auto* showing = command("public", "Write the public key to the standard output", show_public);
  showing->add_option("NAME", choice->name, "The key, an ecdsa-p256 one")->required();
  showing->add_option("--format", choice->format, "Form of the key; pem when not given")
      ->check(one_of({"pem", "der"}))
      ->option_text("pem|der");
  add_output(*showing, choice->output, "Write to this file instead", "-f,--file");
  showing->add_flag("--force", choice->output.force, "Binary data to a terminal, too");
  show_examples(*showing, R"(  signetctl key public device > device.pem
  signetctl key public device --format der --output device.der)");
}

}  // namespace signet::ctl
