// signetctl evidence: proof that this very chip answered.
#include <memory>

#include "base/base64.h"
#include "signetctl/binary.h"
#include "signetctl/chip_text.h"
#include "signetctl/commands/commands.h"
#include "signetctl/exit_status.h"
#include "signetctl/json.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

struct Choice {
  std::string data;  // paths
  std::string frames;
  Destination output;
};

client::OctetsView octets(BytesView bytes) { return {bytes.data(), bytes.size()}; }

int get(Session& session, const Choice& choice) {
  const auto data = read_input(session, choice.data);
  const auto frames = session.daemon().evidence(octets(data.view()));
  if (session.options.json && choice.output.path.empty()) {
    session.print_json({{"frames_base64", to_base64(frames)}});
    return kSuccess;
  }
  write_output(session, choice.output, frames);
  if (session.options.json) session.print_json({{"size", frames.size()}});
  return kSuccess;
}

int verify(Session& session, const Choice& choice) {
  const auto frames = read_input(session, choice.frames);
  const auto data = read_input(session, choice.data);
  const auto result = session.daemon().verify_evidence(octets(data.view()), octets(frames.view()));
  const auto row = result.front();
  const std::string verdict = row.text("verdict").value_or("");
  auto json = to_json(row);
  spell_ueid(json);
  session.answer(json, [&](std::ostream& out) {
    if (verdict != "ok") {
      out << "NOT genuine: " << verdict << '\n';
      return;
    }
    out << "genuine: this chip answered\n";
    print_facts(out, {{"write counter", std::to_string(row.number("write_counter").value_or(0))},
                      {"store id", row.text("store_id").value_or("")},
                      {"ueid", ueid_text(row.text("ueid").value_or(""))}});
  });
  return verdict == "ok" ? kSuccess : static_cast<int>(Errc::bad_signature);
}

}  // namespace

void add_evidence(CLI::App& parser, Session& session) {
  auto* group = add_group(parser, "evidence", "Proof that this very chip answered, over fresh octets of the verifier");
  const auto choice = std::make_shared<Choice>();

  auto* getting = group->add_subcommand("get", "Write evidence over what the standard input holds (1 to 1024 octets)");
  getting->add_option("-f,--file", choice->data, "Read the verifier's octets from this file")->type_name("FILE");
  add_output(*getting, choice->output, "Write the frames to this file");
  getting->add_flag("--hex", choice->output.hex, "As hexadecimal digits");
  getting->add_flag("--force", choice->output.force, "Binary data to a terminal, too");
  show_examples(*getting, R"(  head -c 32 /dev/urandom > challenge
  signetctl evidence get --file challenge --output frames)");
  when_chosen(*getting, session, [choice](Session& s) { return get(s, *choice); });

  auto* verifying = group->add_subcommand("verify", "Check evidence of this chip and this namespace");
  verifying->add_option("--frames", choice->frames, "What 'evidence get' wrote")->required()->type_name("FILE");
  verifying->add_option("-f,--file", choice->data, "The octets it was made over")->type_name("FILE");
  show_examples(*verifying, "  signetctl evidence verify --frames frames --file challenge");
  when_chosen(*verifying, session, [choice](Session& s) { return verify(s, *choice); });
}

}  // namespace signet::ctl
