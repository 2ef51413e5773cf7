// Whose identifiers a command is about: the devices of the keyring, or a key in a file.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "finder/beacon.h"
#include "finder/names.h"
#include "signetctl/fmdn/moment.h"
#include "signetctl/fmdn/open_keyring.h"

namespace CLI {
class App;
}

namespace signet::ctl {

struct BeaconChoice {
  std::string device;    // of the keyring; empty: all of them, or --eik
  std::string eik_file;  // "-": the standard input
  fmdn::Curve curve = fmdn::Curve::secp160r1;
  std::optional<std::uint32_t> clock;  // the beacon's
  std::string at;                      // our time, where `clock` is not given
};

using finder::Beacon;

// --eik, --device, --curve, --clock and --at.
void add_beacon_options(CLI::App& command, BeaconChoice& choice);

// 32 octets or 64 hexadecimal digits. Throws Failed, naming the option and the rule.
fmdn::Eik read_eik(Session& session, const std::string& path);

// The beacons that `choice` names, those of the keyring without a key left out. Throws WrongUsage: --eik and --device;
// Failed: not_found: there is none; what the keyring says.
std::vector<Beacon> chosen_beacons(Session& session, const BeaconChoice& choice, const KeyringChoice& keyring);
// The same for one, with the key that it is known to have if there are two. Throws WrongUsage, too, when neither --eik
// nor --device is given and the keyring has several.
Beacon chosen_beacon(Session& session, const BeaconChoice& choice, const KeyringChoice& keyring);

// --clock or --at.
finder::Around chosen_moment(const BeaconChoice& choice);
// The beacon's clock then. Throws WrongUsage: --clock is needed, for a key in a file has no clock.
std::uint32_t chosen_clock(const Beacon& beacon, const BeaconChoice& choice);

// Which of them it is. Throws Failed: not_found, with what else to try; WrongUsage: there is only one, and its clock is
// not known.
finder::Found search(const std::vector<Beacon>& beacons, const finder::SeenEid& seen, const BeaconChoice& choice,
                     std::uint32_t window);

using finder::name;

}  // namespace signet::ctl
