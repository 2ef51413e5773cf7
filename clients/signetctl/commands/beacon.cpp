// signetctl beacon: this machine as a beacon of the Find My Device network, through its daemon fmdnd(8).
#include <memory>

#include "bluez/advertising.h"
#include "signetctl/beacon/daemon.h"
#include "signetctl/commands/commands.h"
#include "signetctl/confirm.h"
#include "signetctl/exit_status.h"
#include "signetctl/fmdn/ring_text.h"
#include "signetctl/text.h"
#include "signetctl/validators.h"

namespace signet::ctl {
namespace {

constexpr const char* kExamples =
    R"(  signetctl beacon status               how it is: its owner, the radio, what the controller cannot do
  signetctl beacon pairing              open pairing mode; then 'signetctl fmdn pair' elsewhere, or a phone
  signetctl beacon ring --seconds 3     does it ring?
  signetctl beacon reset --yes          forget the owner and all keys

Reading is for everybody; what changes something, for root and the group signet-fmdn.)";

BeaconDaemon beacon(Session& session) {
  return must(BeaconDaemon::connect(
      std::chrono::microseconds{static_cast<std::int64_t>(session.options.timeout_s * 1'000'000)}));
}

boost::json::array texts(const std::vector<std::string>& all) { return boost::json::array(all.begin(), all.end()); }

boost::json::object to_json(const BeaconStatus& status) {
  return {{"version", status.version},
          {"state", status.state},
          {"problem", status.problem},
          {"problem_text", status.problem_text},
          {"store", status.store},
          {"limitations", texts(status.limitations)},
          {"windows", texts(status.windows)},
          {"unwanted_tracking_protection", status.unwanted_tracking_protection},
          {"ringing", component_names(status.ringing)}};
}

std::string in_words(const std::string& state) {
  if (state == "starting") return "starting: what is stored has not been read yet";
  if (state == "factory") return "factory: nobody owns it";
  if (state == "paired") return "paired: it has an owner, and no identity key yet";
  if (state == "provisioned") return "provisioned: a beacon";
  if (state == "paused") return "paused: off the air until 'signetctl beacon resume'";
  return state;
}

void print(std::ostream& out, const BeaconStatus& status) {
  out << "fmdnd " << status.version << ": " << in_words(status.state) << '\n';
  std::vector<std::pair<std::string, std::string>> facts{
      {"problem", status.problem_text.empty() ? status.problem : status.problem_text},
      {"secrets", status.store == "file" ? "in a file: no storage chip vouches for them" : "behind " + status.store},
      {"open windows", joined(status.windows)},
      {"unwanted tracking", status.unwanted_tracking_protection ? "protection is on" : ""},
      {"rings", status.ringing == 0 ? "" : components_text(status.ringing)}};
  for (const auto& name : status.limitations) {
    const auto limitation = bluez::limitation_named(name);
    facts.emplace_back("limitation", limitation ? name + ": " + std::string{bluez::description(*limitation)} : name);
  }
  print_facts(out, facts);
}

int show(Session& session) {
  const auto status = must(beacon(session).status());
  session.answer(to_json(status), [&](std::ostream& out) { print(out, status); });
  return kSuccess;
}

// What a command has done, in the daemon's own words with --json.
int done(Session& session, BeaconDaemon& daemon, const char* text) {
  session.answer(to_json(must(daemon.status())), [&](std::ostream& out) { out << text << '\n'; });
  return kSuccess;
}

int nfc_url(Session& session) {
  const auto url = must(beacon(session).nfc_url());
  session.answer({{"url", url}}, [&](std::ostream& out) { out << url << '\n'; });
  return kSuccess;
}

int reset(Session& session, bool said_yes) {
  auto daemon = beacon(session);
  confirm(session, said_yes, "This forgets the owner, all keys and the name, and cannot be undone.");
  must(daemon.call("FactoryReset"));
  return done(session, daemon, "Forgotten; 'signetctl beacon pairing' lets a new owner in.");
}

// A command that calls `method` and says `text`.
struct Simple {
  const char* name;
  const char* description;
  const char* method;
  const char* text;
  const char* examples = "";
};

void add_simple(CLI::App& group, Session& session, const Simple& command) {
  auto* added = group.add_subcommand(command.name, command.description);
  when_chosen(*added, session, [command](Session& s) {
    auto daemon = beacon(s);
    must(daemon.call(command.method));
    return done(s, daemon, command.text);
  });
}

// 0 is what the daemon takes for `usual`.
CLI::Option* add_seconds(CLI::App& command, std::uint32_t& seconds, const char* usual) {
  return command.add_option("--seconds", seconds, "For so long, at most 600")
      ->check(whole_number(1, 600))
      ->option_text(std::string{"SECONDS  ("} + usual + ")");
}

void add_timed(CLI::App& group, Session& session, const Simple& command, const char* usual) {
  auto* added = group.add_subcommand(command.name, command.description);
  const auto seconds = std::make_shared<std::uint32_t>(0);
  add_seconds(*added, *seconds, usual);
  show_examples(*added, command.examples);
  when_chosen(*added, session, [command, seconds](Session& s) {
    auto daemon = beacon(s);
    must(daemon.call(command.method, *seconds));
    return done(s, daemon, command.text);
  });
}

struct Pairing {
  std::uint32_t seconds = 0;
  bool stop = false;
};

int pairing(Session& session, const Pairing& wanted) {
  auto daemon = beacon(session);
  must(wanted.stop ? daemon.call("StopPairing") : daemon.call("StartPairing", wanted.seconds));
  return done(session, daemon,
              wanted.stop ? "Pairing mode is closed." : "Pairing mode is open: a phone nearby offers to pair.");
}

void add_pairing(CLI::App& group, Session& session) {
  auto* command = group.add_subcommand("pairing", "Open pairing mode: whoever pairs first owns the device");
  const auto wanted = std::make_shared<Pairing>();
  auto* seconds = add_seconds(*command, wanted->seconds, "as configured");
  command->add_flag("--stop", wanted->stop, "Close it")->excludes(seconds);
  show_examples(*command,
                "  signetctl beacon pairing --seconds 300\n"
                "  signetctl beacon pairing --stop");
  when_chosen(*command, session, [wanted](Session& s) { return pairing(s, *wanted); });
}

}  // namespace

void add_beacon(CLI::App& parser, Session& session) {
  auto* group = add_group(parser, "beacon", "This machine as a beacon of the Find My Device network (fmdnd)");
  auto* status = group->add_subcommand("status", "Show its state, what is wrong, and what it cannot do");
  when_chosen(*status, session, show);
  add_pairing(*group, session);
  add_timed(*group, session,
            {"consent", "Agree that the owner reads the identity key, as the button does", "GiveConsent",
             "The owner may read the identity key now.", "  signetctl beacon consent --seconds 60"},
            "as configured");
  add_simple(*group, session,
             {"identify", "Let anybody near ask who made it and for a hint at its owner, for 5 minutes",
              "StartIdentifying", "It identifies itself to whoever asks, for 5 minutes."});
  auto* nfc = group->add_subcommand("nfc-url", "Show the address for its NFC tag; another one every 17 minutes");
  when_chosen(*nfc, session, nfc_url);
  add_timed(*group, session,
            {"ring", "Ring here, as a test", "Ring", "It rings.", "  signetctl beacon ring --seconds 3"}, "12");
  add_simple(*group, session, {"stop", "Silence it, as the button does", "StopRinging", "It is silent."});
  add_simple(*group, session,
             {"pause", "Take it off the air until 'resume' or a restart; nothing is forgotten", "Pause",
              "It is off the air."});
  add_simple(*group, session, {"resume", "Put it on the air again", "Resume", "It is as it was before the pause."});
  auto* resetting = group->add_subcommand("reset", "Forget the owner, all keys and the name");
  const auto yes = std::make_shared<bool>(false);
  resetting->add_flag("--yes", *yes, "Do not ask");
  show_examples(*resetting, "  signetctl beacon reset --yes");
  when_chosen(*resetting, session, [yes](Session& s) { return reset(s, *yes); });
  show_examples(*group, kExamples);
}

}  // namespace signet::ctl
