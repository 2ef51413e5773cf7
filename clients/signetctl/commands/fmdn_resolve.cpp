// signetctl fmdn resolve: whose identifier is this, and of when? Offline.
#include <memory>

#include "base/hex.h"
#include "signetctl/commands/fmdn.h"
#include "signetctl/exit_status.h"
#include "signetctl/fmdn/beacons.h"
#include "signetctl/fmdn/public_octets.h"
#include "signetctl/text.h"
#include "signetctl/validators.h"

namespace signet::ctl {
namespace {

struct Choice {
  BeaconChoice beacon;
  std::string identifier;
  std::uint32_t window = finder::kUsualWindow;
};

int resolve(Session& session, const Choice& choice, const SharedFmdnOptions& options) {
  const auto seen = seen_eid_in(read_public_octets(session, choice.identifier, "IDENTIFIER"), "IDENTIFIER");
  const auto beacons = chosen_beacons(session, choice.beacon, options->keyring);
  const auto found = search(beacons, seen, choice.beacon, choice.window);
  const auto when = found.beacon->when(found.at.clock);
  const auto flags = found.flags_of(seen);

  boost::json::object json{{"clock", found.at.clock}, {"eid", to_hex(found.at.identity.eid)}};
  if (!found.beacon->name.empty()) json["device"] = found.beacon->name;
  if (when) json["from"] = when->time_since_epoch().count();
  if (when) json["to"] = when->time_since_epoch().count() + fmdn::kPeriod;
  if (flags) json["battery"] = name(flags->battery);
  if (flags) json["unwanted_tracking"] = flags->unwanted_tracking;
  session.answer(json, [&](std::ostream& out) {
    print_facts(out, {{"device", found.beacon->name},
                      {"from", when ? utc_text(when->time_since_epoch().count()) : ""},
                      {"to", when ? utc_text(when->time_since_epoch().count() + fmdn::kPeriod) : ""},
                      {"beacon's clock", std::to_string(found.at.clock)},
                      {"EID", to_hex(found.at.identity.eid)},
                      {"battery", flags ? name(flags->battery) : ""},
                      {"mode", !flags                     ? ""
                               : flags->unwanted_tracking ? "unwanted-tracking protection"
                                                          : "near its owner"}});
  });
  return kSuccess;
}

}  // namespace

void add_fmdn_resolve(CLI::App& group, Session& session, const SharedFmdnOptions& options) {
  const auto choice = std::make_shared<Choice>();
  auto* command = group.add_subcommand("resolve", "Find out which of my devices had an identifier, and when");
  command->add_option("IDENTIFIER", choice->identifier,
                      "20 or 32 octets, their first 10, or an advert; the standard input when not given");
  add_beacon_options(*command, choice->beacon);
  command->add_option("--window", choice->window, "Search so far either way of that time; 86400 when not given")
      ->check(whole_number(0, 100'000'000))
      ->option_text("SECONDS");
  show_examples(*command, R"(  signetctl fmdn resolve 7c3d0f5be2a1904477d1
  signetctl fmdn resolve 7c3d0f5be2a1904477d1 --at 2026-11-01T12:00:00Z --window 172800
  signetctl fmdn resolve --eik eik.hex --clock 1048576 < advert.hex)");
  when_chosen(*command, session, [choice, options](Session& s) { return resolve(s, *choice, options); });
}

}  // namespace signet::ctl
