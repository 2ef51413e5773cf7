// signetctl fmdn devices and forget: the owner's keyring. Never prints a key.
#include <memory>

#include "base/hex.h"
#include "signetctl/commands/fmdn.h"
#include "signetctl/confirm.h"
#include "signetctl/exit_status.h"
#include "signetctl/fmdn/beacons.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

struct Choice {
  std::string name;
  bool yes = false;
};

boost::json::object device_to_json(const keyring::Device& device) {
  boost::json::object json{{"name", device.name},
                           {"state", finder::state_of(device)},
                           {"owner", device.owner},
                           {"curve", name(device.curve)},
                           {"address", device.address}};
  if (device.model_id) json["model_id"] = to_hex(*device.model_id);
  if (device.clock) json["clock"] = device.clock->beacon;
  if (device.clock) json["clock_read_at"] = device.clock->wall.time_since_epoch().count();
  return json;
}

int list(Session& session, const SharedFmdnOptions& options) {
  OpenKeyring keyring{options->keyring};
  const auto contents = keyring.load();
  boost::json::array json;
  std::vector<std::vector<std::string>> rows{{"NAME", "STATE", "OWNER", "MODEL", "CURVE", "ADDRESS", "CLOCK READ AT"}};
  for (const auto& device : contents.devices()) {
    json.emplace_back(device_to_json(device));
    rows.push_back({device.name, finder::state_of(device), device.owner ? "yes" : "no",
                    device.model_id ? to_hex(*device.model_id) : "-", name(device.curve),
                    device.address.empty() ? "-" : device.address,
                    device.clock ? utc_text(device.clock->wall.time_since_epoch().count()) : "never"});
  }
  session.answer({{"keyring", keyring.path()}, {"devices", json}}, [&](std::ostream& out) {
    if (contents.devices().empty()) {
      out << "The keyring " << keyring.path() << " is empty; 'signetctl fmdn pair' adds a device.\n";
    } else {
      print_table(out, rows);
    }
  });
  return kSuccess;
}

int forget(Session& session, const Choice& choice, const SharedFmdnOptions& options) {
  OpenKeyring keyring{options->keyring};
  const auto contents = keyring.load();
  if (device_named(contents, choice.name).may_be_beacon()) {
    confirm(session, choice.yes,
            "The keys of '" + choice.name +
                "' will be lost for good: it cannot be located, rung or unprovisioned from here, and belongs to nobody "
                "until it is reset by hand. ('signetctl fmdn unprovision' resets it first.)");
  }
  keyring.update([&](keyring::Contents& now) { return now.remove(choice.name); });
  session.answer({{"name", choice.name}, {"forgotten", true}}, [](std::ostream&) {});
  return kSuccess;
}

}  // namespace

void add_fmdn_devices(CLI::App& group, Session& session, const SharedFmdnOptions& options) {
  auto* listing = group.add_subcommand("devices", "List the devices of the keyring; no key is shown");
  show_examples(*listing, R"(  signetctl fmdn devices
  signetctl fmdn devices --keyring factory.keys --keyring-key /etc/factory/keyring.key --json)");
  when_chosen(*listing, session, [options](Session& s) { return list(s, options); });

  const auto choice = std::make_shared<Choice>();
  auto* forgetting = group.add_subcommand("forget", "Take a device out of the keyring; does not change the device");
  forgetting->add_option("NAME", choice->name, "The device")->required();
  forgetting->add_flag("--yes", choice->yes, "Do not ask");
  show_examples(*forgetting, "  signetctl fmdn forget bag");
  when_chosen(*forgetting, session, [choice, options](Session& s) { return forget(s, *choice, options); });
}

}  // namespace signet::ctl
