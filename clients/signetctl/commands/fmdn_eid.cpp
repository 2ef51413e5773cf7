// signetctl fmdn eid and frame: what a beacon has on the air at a given time. Offline.
#include <memory>

#include "base/hex.h"
#include "fmdn/frame.h"
#include "signetctl/commands/fmdn.h"
#include "signetctl/exit_status.h"
#include "signetctl/fmdn/beacons.h"
#include "signetctl/text.h"
#include "signetctl/validators.h"

namespace signet::ctl {
namespace {

struct Choice {
  BeaconChoice beacon;
  unsigned count = 1;
  fmdn::FrameFlags flags;
  bool omit_flags = false;
};

// By the names that resolve and the library give them.
Words<fmdn::Battery> batteries() {
  Words<fmdn::Battery> words;
  for (const auto battery :
       {fmdn::Battery::unsupported, fmdn::Battery::normal, fmdn::Battery::low, fmdn::Battery::critical}) {
    words.emplace_back(name(battery), battery);
  }
  return words;
}

std::string when_text(const Beacon& beacon, std::uint32_t clock) {
  const auto when = beacon.when(clock);
  return when ? utc_text(when->time_since_epoch().count()) : std::string{};
}

fmdn::Identity identity_of(const Beacon& beacon, std::uint32_t clock) {
  auto identity = fmdn::identity_at(beacon.eik, clock, beacon.curve);
  if (!identity) throw Failed{Errc::not_found, "the key has no identifier in this period; try the next one"};
  return *std::move(identity);
}

int print_eids(Session& session, const Choice& choice, const SharedFmdnOptions& options) {
  const auto beacon = chosen_beacon(session, choice.beacon, options->keyring);
  const std::uint32_t first = chosen_clock(beacon, choice.beacon) & ~(fmdn::kPeriod - 1);
  boost::json::array list;
  std::vector<std::vector<std::string>> rows{{"CLOCK", "EID", beacon.reading ? "FROM" : ""}};
  for (std::uint32_t i = 0; i < choice.count; ++i) {
    const std::uint32_t clock = first + i * fmdn::kPeriod;
    const auto eid = to_hex(identity_of(beacon, clock).eid);
    boost::json::object entry{{"clock", clock}, {"eid", eid}};
    if (const auto when = beacon.when(clock)) entry["from"] = when->time_since_epoch().count();
    list.emplace_back(std::move(entry));
    rows.push_back({std::to_string(clock), eid, when_text(beacon, clock)});
  }
  session.answer({{"curve", name(beacon.curve)}, {"eids", list}}, [&](std::ostream& out) {
    if (choice.count == 1) {
      out << rows[1][1] << '\n';
    } else {
      print_table(out, rows, {0});
    }
  });
  return kSuccess;
}

int print_frame(Session& session, const Choice& choice, const SharedFmdnOptions& options) {
  const auto beacon = chosen_beacon(session, choice.beacon, options->keyring);
  const std::uint32_t clock = chosen_clock(beacon, choice.beacon);
  const auto identity = identity_of(beacon, clock);
  const auto octets = fmdn::frame(identity, choice.flags, choice.omit_flags);
  session.answer({{"curve", name(beacon.curve)},
                  {"clock", clock},
                  {"eid", to_hex(identity.eid)},
                  {"frame", to_hex(octets)},
                  {"size", octets.size()}},
                 [&](std::ostream& out) { out << to_hex(octets) << '\n'; });
  return kSuccess;
}

}  // namespace

void add_fmdn_eid(CLI::App& group, Session& session, const SharedFmdnOptions& options) {
  const auto choice = std::make_shared<Choice>();
  auto* eids = group.add_subcommand("eid", "Compute the identifier that a beacon has at a time");
  add_beacon_options(*eids, choice->beacon);
  eids->add_option("--count", choice->count, "So many, of 1024 s each")
      ->check(whole_number(1, 100000))
      ->option_text("N");
  show_examples(*eids, R"(  signetctl fmdn eid --device bag
  signetctl fmdn eid --device bag --at 2026-11-21T10:00:00Z --count 84   a day's
  signetctl fmdn eid --eik eik.hex --clock 1048576 --curve secp256r1)");
  when_chosen(*eids, session, [choice, options](Session& s) { return print_eids(s, *choice, options); });

  auto* framing = group.add_subcommand("frame", "Compute the advertising payload that a beacon has at a time");
  add_beacon_options(*framing, choice->beacon);
  framing->add_option("--battery", choice->flags.battery, "What it says of its battery; unsupported when not given")
      ->transform(one_of(batteries()))
      ->option_text("unsupported|normal|low|critical");
  framing->add_flag("--unwanted-tracking", choice->flags.unwanted_tracking, "In unwanted-tracking protection mode");
  framing->add_flag("--omit-flags", choice->omit_flags, "Leave the flags octet out when there is nothing to say in it");
  show_examples(*framing, R"(  signetctl fmdn frame --device bag --battery low
  signetctl fmdn frame --eik - --clock 0 < eik.hex | signetctl fmdn decode)");
  when_chosen(*framing, session, [choice, options](Session& s) { return print_frame(s, *choice, options); });
}

}  // namespace signet::ctl
