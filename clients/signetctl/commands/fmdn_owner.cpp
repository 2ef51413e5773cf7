// signetctl fmdn params, state, ring, stop and utp: what an owner asks of a beacon.
#include <memory>

#include "base/hex.h"
#include "finder/requests.h"
#include "signetctl/commands/fmdn.h"
#include "signetctl/exit_status.h"
#include "signetctl/fmdn/beacons.h"
#include "signetctl/fmdn/radio.h"
#include "signetctl/fmdn/ring_text.h"
#include "signetctl/text.h"
#include "signetctl/validators.h"

namespace signet::ctl {
namespace {

struct Choice {
  finder::Target target;
  std::vector<std::string> components;
  double seconds = 30;
  fmdn::Volume volume = fmdn::Volume::usual;
  bool wait = false;
  std::string mode;
  bool skip_ring_authentication = false;
};

const Words<fmdn::Volume> kVolumes{{"default", fmdn::Volume::usual},
                                   {"low", fmdn::Volume::low},
                                   {"medium", fmdn::Volume::medium},
                                   {"high", fmdn::Volume::high}};

int params(Session& session, const Choice& choice, const FmdnOptions& options) {
  OpenKeyring keyring{options.keyring};
  const auto answer =
      must(finder::read_parameters(radio_of(session, options.adapter), keyring.keyring(), choice.target));
  const auto& found = answer.told;
  const auto& drift = answer.clock_offset;

  boost::json::object json{{"name", choice.target.name},
                           {"calibrated_power", found.calibrated_power},
                           {"clock", found.clock},
                           {"curve", name(found.curve)},
                           {"ring_components", component_names(fmdn::all_of(found.ring_parts))},
                           {"ring_volumes", found.ring_volumes}};
  if (drift) json["clock_offset"] = *drift;
  session.answer(json, [&](std::ostream& out) {
    print_facts(out, {{"calibrated power", std::to_string(found.calibrated_power) + " dBm at 0 m"},
                      {"clock", std::to_string(found.clock) + " s"},
                      {"off by", drift ? std::to_string(*drift) + " s since the last time" : ""},
                      {"curve", name(found.curve)},
                      {"rings with", components_text(fmdn::all_of(found.ring_parts))},
                      {"volume", found.ring_volumes ? "can be chosen" : "cannot be chosen"}});
  });
  return kSuccess;
}

int state(Session& session, const Choice& choice, const FmdnOptions& options) {
  OpenKeyring keyring{options.keyring};
  const auto answer = must(finder::read_state(radio_of(session, options.adapter), keyring.keyring(), choice.target));
  const auto& found = answer.told;
  const auto& ringing = answer.ringing;

  boost::json::object json{{"name", choice.target.name}, {"provisioned", found.provisioned}, {"owner", found.owner}};
  if (found.provisioned) json["eid"] = to_hex(found.eid);
  if (ringing) json["ringing"] = component_names(ringing->ringing);
  if (ringing) json["ring_seconds_left"] = seconds_of(ringing->left);
  session.answer(json, [&](std::ostream& out) {
    print_facts(out, {{"provisioned", found.provisioned ? "yes" : "no"},
                      {"owner", found.owner ? "our account key is the owner's" : "our account key is not the owner's"},
                      {"EID", to_hex(found.eid)},
                      {"ringing", ringing ? ringing_text(ringing->ringing, ringing->left) : ""}});
  });
  return kSuccess;
}

std::uint8_t operation_of(const std::vector<std::string>& components) {
  std::uint8_t operation = 0;
  for (const auto& component : components) {
    if (component == "all") return fmdn::kRingAll;
    operation |= component == "right" ? fmdn::kRight : component == "left" ? fmdn::kLeft : fmdn::kCase;
  }
  return components.empty() ? fmdn::kRingAll : operation;
}

void print_notice(Session& session, const Choice& choice, const fmdn::RingNotice& notice) {
  session.answer({{"name", choice.target.name},
                  {"state", name(notice.state)},
                  {"ringing", component_names(notice.ringing)},
                  {"seconds_left", seconds_of(notice.left)}},
                 [&](std::ostream& out) {
                   out << describe(notice.state) << "; " << ringing_text(notice.ringing, notice.left) << '\n';
                 });
}

int send_ring(Session& session, const Choice& choice, const FmdnOptions& options, const fmdn::RingRequest& request) {
  OpenKeyring keyring{options.keyring};
  must(finder::ring(radio_of(session, options.adapter), keyring.keyring(), choice.target, request, choice.wait,
                    [&](const fmdn::RingNotice& notice) { print_notice(session, choice, notice); }));
  return kSuccess;
}

int ring(Session& session, const Choice& choice, const FmdnOptions& options) {
  const auto deciseconds = static_cast<std::uint16_t>(choice.seconds * 10);
  return send_ring(session, choice, options,
                   {.operation = operation_of(choice.components),
                    .timeout = fmdn::Deciseconds{deciseconds},
                    .volume = static_cast<std::uint8_t>(choice.volume)});
}

int stop(Session& session, const Choice& choice, const FmdnOptions& options) {
  return send_ring(session, choice, options, {});
}

int protect(Session& session, const Choice& choice, const FmdnOptions& options) {
  const bool on = choice.mode == "on";
  if (!on && choice.skip_ring_authentication) {
    throw WrongUsage{"--skip-ring-auth goes with 'on' only", "It ends when the mode does."};
  }
  const auto protection = !on                               ? finder::Protection::off
                          : choice.skip_ring_authentication ? finder::Protection::on_and_anybody_may_ring
                                                            : finder::Protection::on;
  OpenKeyring keyring{options.keyring};
  must(finder::protect(radio_of(session, options.adapter), keyring.keyring(), choice.target, protection));
  session.answer({{"name", choice.target.name}, {"unwanted_tracking", on}}, [](std::ostream&) {});
  return kSuccess;
}

}  // namespace

void add_fmdn_owner(CLI::App& group, Session& session, const SharedFmdnOptions& options) {
  const auto choice = std::make_shared<Choice>();
  const auto command = [&](const char* name, const char* description,
                           int (*run)(Session&, const Choice&, const FmdnOptions&), const char* examples) {
    auto* added = group.add_subcommand(name, description);
    when_chosen(*added, session, [choice, options, run](Session& s) { return run(s, *choice, *options); });
    show_examples(*added, examples);
    return added;
  };
  const auto about = [&](CLI::App* added) {
    added->add_option("NAME", choice->target.name, "The device, as the keyring has it")->required();
    added->add_option("--address", choice->target.address, "Where it is; it is looked for when not given")
        ->type_name("ADDRESS");
    return added;
  };

  about(command("params", "Read what a beacon can do, and its clock", params, "  signetctl fmdn params bag"));
  about(command("state", "Read whether a beacon is provisioned, by whom, and whether it rings", state,
                "  signetctl fmdn state bag --json | jq .owner"));

  auto* ringing = about(command("ring", "Have a beacon ring", ring,
                                R"(  signetctl fmdn ring bag --seconds 5 --wait
  signetctl fmdn ring buds --components left,case --volume low)"));
  ringing->add_option("--components", choice->components, "Which, comma-separated; all when not given")
      ->delimiter(',')
      ->check(one_of({"all", "right", "left", "case"}))
      ->option_text("all|right|left|case");
  ringing->add_option("--seconds", choice->seconds, "How long, at most 600; 30 when not given")
      ->check(number(0.1, 600))
      ->option_text("N");
  ringing->add_option("--volume", choice->volume, "How loud; the device's own choice when not given")
      ->transform(one_of(kVolumes))
      ->option_text("default|low|medium|high");
  ringing->add_flag("--wait", choice->wait, "Stay until the ringing ends, and say why");

  about(command("stop", "Have a beacon stop ringing", stop, "  signetctl fmdn stop bag"));

  auto* mode = command("utp", "Turn unwanted-tracking protection on or off", protect,
                       R"(  signetctl fmdn utp on bag
  signetctl fmdn utp on bag --skip-ring-auth     anybody may ring it then
  signetctl fmdn utp off bag)");
  mode->add_option("MODE", choice->mode, "on or off")->required()->check(one_of({"on", "off"}));
  about(mode);
  mode->add_flag("--skip-ring-auth", choice->skip_ring_authentication, "Let anybody ring it while the mode is on");
}

}  // namespace signet::ctl
