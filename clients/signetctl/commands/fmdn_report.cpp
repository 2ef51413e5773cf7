// signetctl fmdn seal and open: a sighter's report, and its owner's reading of it. Offline.
#include <memory>

#include "base/base64.h"
#include "crypto/random.h"
#include "signetctl/binary.h"
#include "signetctl/commands/fmdn.h"
#include "signetctl/exit_status.h"
#include "signetctl/fmdn/beacons.h"
#include "signetctl/fmdn/public_octets.h"
#include "signetctl/fmdn/report_text.h"
#include "signetctl/text.h"
#include "signetctl/validators.h"

namespace signet::ctl {
namespace {

constexpr std::size_t kMaxMessage = 64 * 1024;
constexpr std::size_t kMaxReport = 4 * kMaxMessage;

const Words<fmdn::NonceProfile> kProfiles{{"spec80", fmdn::NonceProfile::spec80},
                                          {"deployed64", fmdn::NonceProfile::deployed64}};

struct SealChoice {
  std::string identifier;
  std::string input;
  fmdn::NonceProfile profile = fmdn::NonceProfile::spec80;
};

struct OpenChoice {
  BeaconChoice beacon;
  std::string input;
  Destination output;
  std::uint32_t window = finder::kUsualWindow;
};

int seal(Session& session, const SealChoice& choice) {
  const auto seen = seen_eid_in(parse_public_octets(choice.identifier, "IDENTIFIER"), "IDENTIFIER");
  if (seen.eid.empty()) {
    throw Failed{Errc::invalid_argument, "IDENTIFIER: ten octets are not enough to seal for; it takes all 20 or 32"};
  }
  const auto message = read_input(session, choice.input, kMaxMessage);
  crypto::SystemRandom random;
  SecretBytes<32> pseudorandom;
  random.fill(pseudorandom.writable());
  session.print_json(report_to_json(must(fmdn::seal(seen.eid, choice.profile, message.view(), pseudorandom))));
  return kSuccess;
}

int open(Session& session, const OpenChoice& choice, const SharedFmdnOptions& options) {
  if (choice.beacon.eik_file == "-" && (choice.input.empty() || choice.input == "-")) {
    throw WrongUsage{"--eik and the report cannot both come from the standard input", "Give the report with --file."};
  }
  const auto input = read_input(session, choice.input, kMaxReport);
  const auto report = parse_report(as_text(input.view()));
  const auto beacons = chosen_beacons(session, choice.beacon, options->keyring);
  const auto found = search(beacons, {.urx = report.urx, .eid = {}, .frame = {}}, choice.beacon, choice.window);
  const auto message = must(fmdn::open(report, found.at.identity));

  const auto when = found.beacon->when(found.at.clock);
  if (session.options.json) {
    boost::json::object json{{"clock", found.at.clock}};
    if (!found.beacon->name.empty()) json["device"] = found.beacon->name;
    if (when) json["from"] = when->time_since_epoch().count();
    if (choice.output.path.empty()) {
      json["message_base64"] = to_base64(message);
    } else {
      write_output(session, choice.output, message);
      json["size"] = message.size();
    }
    session.print_json(json);
    return kSuccess;
  }
  if (!found.beacon->name.empty()) {
    session.progress("Of '" + found.beacon->name + "'" +
                     (when ? ", seen from " + utc_text(when->time_since_epoch().count()) : std::string{}) + ".");
  }
  write_output(session, choice.output, message);
  return kSuccess;
}

}  // namespace

void add_fmdn_seal(CLI::App& group, Session& session) {
  const auto choice = std::make_shared<SealChoice>();
  auto* command = group.add_subcommand("seal", "Seal what the standard input holds for the owner of an identifier");
  command->add_option("IDENTIFIER", choice->identifier, "20 or 32 octets, or the advert that was seen")->required();
  command->add_option("-f,--file", choice->input, "Seal what this file holds instead")->type_name("FILE");
  command->add_option("--profile", choice->profile, "Of the nonce; spec80 when not given, deployed64 as on the network")
      ->transform(one_of(kProfiles))
      ->option_text("spec80|deployed64");
  show_examples(*command,
                R"(  echo '48.137 11.575' | signetctl fmdn seal $(signetctl fmdn eid --device bag) > report.json)");
  when_chosen(*command, session, [choice](Session& s) { return seal(s, *choice); });
}

void add_fmdn_open(CLI::App& group, Session& session, const SharedFmdnOptions& options) {
  const auto choice = std::make_shared<OpenChoice>();
  auto* command = group.add_subcommand("open", "Open the report that the standard input holds, as its beacon's owner");
  command->add_option("-f,--file", choice->input, "Read the report from this file instead")->type_name("FILE");
  add_output(*command, choice->output, "Write the message to this file");
  command->add_flag("--hex", choice->output.hex, "As hexadecimal digits");
  command->add_flag("--force", choice->output.force, "Binary data to a terminal, too");
  add_beacon_options(*command, choice->beacon);
  command->add_option("--window", choice->window, "Search so far either way of that time; 86400 when not given")
      ->check(whole_number(0, 100'000'000))
      ->option_text("SECONDS");
  show_examples(*command, R"(  signetctl fmdn open < report.json
  signetctl fmdn open --file report.json --device bag --at 2026-11-01T12:00:00Z --json)");
  when_chosen(*command, session, [choice, options](Session& s) { return open(s, *choice, options); });
}

}  // namespace signet::ctl
