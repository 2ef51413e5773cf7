// signetctl chip: what an administrator does with the chip itself.
#include "signetctl/commands/chip.h"

#include <memory>

#include "signetctl/chip_text.h"
#include "signetctl/commands/commands.h"
#include "signetctl/confirm.h"
#include "signetctl/exit_status.h"
#include "signetctl/json.h"
#include "signetctl/text.h"
#include "signetctl/validators.h"

namespace signet::ctl {
namespace {

constexpr std::uint64_t kMaxRegion = 16 * 1024 * 1024;  // the largest RPMB partition there is

struct Choice {
  std::string cid;
  std::uint64_t region = 0;
  bool yes = false;
};

int info(Session& session) {
  const auto status = session.daemon().status();
  auto json = to_json(status.front());
  if (json["chip"].is_object()) spell_ueid(json["chip"].get_object());
  session.answer({{"chip", json["chip"]}, {"health", json["health"]}}, [&](std::ostream& out) {
    if (!status.front().text("chip.transport")) out << "no chip: see 'signetctl status'\n";
    auto facts = chip_facts(status.front());
    for (auto& fact : more_chip_facts(status.front())) facts.push_back(std::move(fact));
    print_facts(out, facts);
  });
  return kSuccess;
}

int counter(Session& session) {
  const std::uint32_t value = session.daemon().chip_counter();
  session.answer({{"write_counter", value}}, [&](std::ostream& out) { out << value << '\n'; });
  return kSuccess;
}

int refresh(Session& session) {
  session.daemon().refresh();
  const auto status = session.daemon().status();
  const std::string state = status.front().text("state").value_or("");
  session.answer({{"state", state}}, [&](std::ostream& out) { out << state << '\n'; });
  return kSuccess;
}

int format(Session& session, const Choice& choice) {
  confirm(session, choice.yes, "Every object, key and counter on chip " + choice.cid + " will be lost for good.");
  session.progress("Making a new store...");
  session.daemon().format(choice.cid, static_cast<std::uint32_t>(choice.region));
  session.answer({{"cid", choice.cid}, {"formatted", true}},
                 [](std::ostream& out) { out << "The store is new and empty.\n"; });
  return kSuccess;
}

int accept(Session& session, const Choice& choice) {
  confirm(session, choice.yes,
          "The present content of chip " + choice.cid + " will count as genuine, whoever wrote it.");
  session.daemon().accept(choice.cid);
  session.answer({{"cid", choice.cid}, {"accepted", true}}, [](std::ostream& out) { out << "Accepted.\n"; });
  return kSuccess;
}

void add_cid(CLI::App& command, Choice& choice) {
  command.add_option("--cid", choice.cid, "The chip, 32 hexadecimal digits, so that no other one can be hit")
      ->required()
      ->type_name("CID");
  command.add_flag("--yes", choice.yes, "Do not ask");
}

}  // namespace

void add_chip(CLI::App& parser, Session& session) {
  auto* group = add_group(parser, "chip", "The chip itself: facts, provisioning, formatting, frames");
  const auto choice = std::make_shared<Choice>();

  when_chosen(*group->add_subcommand("info", "Show what is known of the chip"), session, info);
  add_provision(*group, session);
  when_chosen(*group->add_subcommand("counter", "Read the chip's write counter, authenticated"), session, counter);
  add_decode_frame(*group, session);

  auto* formatting = group->add_subcommand("format", "Make a new, empty store; the old one is lost for good");
  add_cid(*formatting, *choice);
  formatting->add_option("--region", choice->region, "Octets to use, such as 512KiB; a multiple of 128 KiB")
      ->transform(octets(kMaxRegion))
      ->option_text("SIZE");
  show_examples(*formatting, "  signetctl chip format --cid d60103424a4e4234521a2b3c4d5e6f01 --region 512KiB");
  when_chosen(*formatting, session, [choice](Session& s) { return format(s, *choice); });

  auto* accepting = group->add_subcommand("accept", "Take the present content for good after another program wrote");
  add_cid(*accepting, *choice);
  show_examples(*accepting, "  signetctl chip accept --cid d60103424a4e4234521a2b3c4d5e6f01");
  when_chosen(*accepting, session, [choice](Session& s) { return accept(s, *choice); });

  when_chosen(*group->add_subcommand("refresh", "Let the daemon look at the chip and the root secret again"), session,
              refresh);
}

}  // namespace signet::ctl
