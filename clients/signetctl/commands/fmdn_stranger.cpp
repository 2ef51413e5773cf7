// signetctl fmdn identify and sound: what somebody may ask of a device that belongs to another, by DULT.
#include <memory>

#include "finder/stranger.h"
#include "signetctl/commands/fmdn.h"
#include "signetctl/exit_status.h"
#include "signetctl/fmdn/radio.h"
#include "signetctl/text.h"
#include "signetctl/validators.h"

namespace signet::ctl {
namespace {

struct Choice {
  std::string address;
  std::optional<double> stop_after;  // seconds
};

int identify(Session& session, const Choice& choice, const FmdnOptions& options) {
  const auto told = must(finder::identify(radio_of(session, options.adapter), choice.address));
  std::vector<std::pair<std::string, std::string>> facts;
  boost::json::object json;
  for (const auto& fact : told) {
    facts.emplace_back(fact.label, fact.text);
    json[fact.member] = fact.text;
  }
  session.answer(json, [&](std::ostream& out) { print_facts(out, facts); });
  return kSuccess;
}

int sound(Session& session, const Choice& choice, const FmdnOptions& options) {
  std::optional<std::chrono::milliseconds> stop_after;
  if (choice.stop_after) stop_after.emplace(static_cast<std::int64_t>(*choice.stop_after * 1000));
  const auto ended = must(finder::sound(radio_of(session, options.adapter), choice.address, stop_after));
  const char* end = ended == finder::SoundEnd::completed ? "completed" : "stopped";
  session.answer({{"sound", end}}, [&](std::ostream& out) { out << "The sound is over: " << end << ".\n"; });
  return kSuccess;
}

}  // namespace

void add_fmdn_stranger(CLI::App& group, Session& session, const SharedFmdnOptions& options) {
  const auto choice = std::make_shared<Choice>();
  const auto with_address = [&](CLI::App* command) {
    command->add_option("--address", choice->address, "The device; 'signetctl fmdn scan' shows it")
        ->required()
        ->type_name("ADDRESS");
    return command;
  };

  auto* identifying = with_address(group.add_subcommand("identify", "Ask a stranger's device who it is"));
  show_examples(*identifying, "  signetctl fmdn identify --address 00:AA:01:00:00:00");
  when_chosen(*identifying, session, [choice, options](Session& s) { return identify(s, *choice, *options); });

  auto* sounding = with_address(group.add_subcommand("sound", "Have a stranger's device make a sound"));
  sounding->add_option("--stop-after", choice->stop_after, "Stop it then; else stay until it is over by itself")
      ->check(number(0, 30))
      ->option_text("SECONDS");
  show_examples(*sounding, "  signetctl fmdn sound --address 00:AA:01:00:00:00 --stop-after 3");
  when_chosen(*sounding, session, [choice, options](Session& s) { return sound(s, *choice, *options); });
}

}  // namespace signet::ctl
