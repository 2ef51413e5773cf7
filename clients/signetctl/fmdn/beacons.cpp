#include "signetctl/fmdn/beacons.h"

#include <CLI/CLI.hpp>

#include "finder/key_octets.h"
#include "signetctl/binary.h"
#include "signetctl/validators.h"

namespace signet::ctl {
namespace {

constexpr std::size_t kMaxKeyFile = 4096;

const Words<fmdn::Curve> kCurves{{"secp160r1", fmdn::Curve::secp160r1}, {"secp256r1", fmdn::Curve::secp256r1}};

}  // namespace

void add_beacon_options(CLI::App& command, BeaconChoice& choice) {
  command.add_option("--device", choice.device, "A device of the keyring")->type_name("NAME");
  command.add_option("--eik", choice.eik_file, "Instead: the identity key in this file, - for the standard input")
      ->type_name("FILE");
  command.add_option("--curve", choice.curve, "Of --eik; secp160r1 when not given")
      ->transform(one_of(kCurves))
      ->option_text("secp160r1|secp256r1");
  auto* clock = command.add_option("--clock", choice.clock, "The beacon's clock; else reckoned from the keyring")
                    ->check(whole_number(0, 0xffffffff))
                    ->option_text("SECONDS");
  command.add_option("--at", choice.at, "The time that it is reckoned for, UTC; 'now' when not given")
      ->type_name("TIME")
      ->excludes(clock);
}

fmdn::Eik read_eik(Session& session, const std::string& path) {
  const auto content = read_input(session, path, kMaxKeyFile);
  const auto octets = finder::key_octets(content.view(), fmdn::kEikSize);
  if (!octets) throw Failed{Errc::invalid_argument, "--eik " + path + ": must hold 32 octets or 64 hexadecimal digits"};
  return fmdn::Eik{octets->view().first<fmdn::kEikSize>()};
}

std::vector<Beacon> chosen_beacons(Session& session, const BeaconChoice& choice, const KeyringChoice& keyring) {
  if (!choice.eik_file.empty() && !choice.device.empty()) {
    throw WrongUsage{"--eik and --device exclude each other", "Give one of them, or neither for the whole keyring."};
  }
  std::vector<Beacon> beacons;
  if (!choice.eik_file.empty()) {
    beacons.push_back({.name = "", .eik = read_eik(session, choice.eik_file), .curve = choice.curve, .reading = {}});
    return beacons;
  }
  OpenKeyring open{keyring};
  const auto contents = open.load();
  if (!choice.device.empty()) {
    beacons = finder::beacons_of(device_named(contents, choice.device));
    if (beacons.empty()) {
      throw Failed{Errc::not_found, "'" + choice.device +
                                        "' has no identity key yet: it is paired, but not provisioned. Run 'signetctl "
                                        "fmdn provision " +
                                        choice.device + "'"};
    }
    return beacons;
  }
  beacons = finder::beacons_in(contents);
  if (beacons.empty()) {
    throw Failed{Errc::not_found,
                 "the keyring " + open.path() +
                     " holds no provisioned device; give a key with --eik FILE, or another keyring with "
                     "--keyring FILE"};
  }
  return beacons;
}

Beacon chosen_beacon(Session& session, const BeaconChoice& choice, const KeyringChoice& keyring) {
  auto beacons = chosen_beacons(session, choice, keyring);
  std::string names;
  const std::string* last = nullptr;
  for (const auto& beacon : beacons) {  // of a device that may have either of two keys: one after the other
    if (last && *last == beacon.name) continue;
    names += (last ? ", " : "") + beacon.name;
    last = &beacon.name;
  }
  if (names != beacons.front().name) {
    throw WrongUsage{"the keyring holds more than one device", "Give --device with one of: " + names};
  }
  return std::move(beacons.front());
}

finder::Around chosen_moment(const BeaconChoice& choice) {
  return {.clock = choice.clock, .time = parse_moment(choice.at, "--at", present())};
}

std::uint32_t chosen_clock(const Beacon& beacon, const BeaconChoice& choice) {
  if (const auto clock = finder::clock_of(beacon, chosen_moment(choice))) return *clock;
  if (!beacon.name.empty()) {
    throw WrongUsage{"the clock of '" + beacon.name + "' is not known yet",
                     "Run 'signetctl fmdn params " + beacon.name + "' near it, or give --clock."};
  }
  throw WrongUsage{"--clock is required with --eik", "A key in a file does not say what its beacon's clock shows."};
}

finder::Found search(const std::vector<Beacon>& beacons, const finder::SeenEid& seen, const BeaconChoice& choice,
                     std::uint32_t window) {
  if (beacons.size() == 1) chosen_clock(beacons.front(), choice);  // a clock that is missing is worth naming then
  auto found = finder::search(beacons, seen, chosen_moment(choice), window);
  if (found) return *std::move(found);
  throw Failed{
      found.error().code,
      found.error().context + (choice.clock ? ". Try the --clock that it had when it was seen, or a larger --window"
                                            : ". Try --at TIME when it was seen earlier, or a larger --window")};
}

}  // namespace signet::ctl
