// signetctl fmdn provision, recover and unprovision: the identity key of a beacon.
#include <memory>

#include "base/hex.h"
#include "finder/key_octets.h"
#include "finder/provisioning.h"
#include "signetctl/binary.h"
#include "signetctl/commands/fmdn.h"
#include "signetctl/confirm.h"
#include "signetctl/exit_status.h"
#include "signetctl/fmdn/beacons.h"
#include "signetctl/fmdn/radio.h"

namespace signet::ctl {
namespace {

struct Choice {
  finder::Target target;
  std::string eik_file;
  std::string recovery_file;
  bool yes = false;
};

// The library asks by a function that returns what is wrong.
finder::AskFirst asking(Session& session, bool said_yes) {
  return [&session, said_yes](const std::string& question) -> Result<void> {
    try {
      confirm(session, said_yes, question);
      return {};
    } catch (const Failed& failed) {
      return fail(failed.error());
    }
  };
}

int provision(Session& session, const Choice& choice, const FmdnOptions& options) {
  std::optional<fmdn::Eik> given;
  if (!choice.eik_file.empty()) given = read_eik(session, choice.eik_file);
  OpenKeyring keyring{options.keyring};
  const auto made = must(finder::provision(radio_of(session, options.adapter), keyring.keyring(), choice.target,
                                           given ? &*given : nullptr, asking(session, choice.yes)));
  const std::string eid = to_hex(made.eid);
  session.answer(
      {{"name", choice.target.name}, {"eid", eid}, {"curve", name(made.curve)}, {"clock", made.clock}},
      [&](std::ostream& out) { out << "'" << choice.target.name << "' is a beacon now, with EID " << eid << '\n'; });
  return kSuccess;
}

fmdn::ShortKey read_recovery_key(Session& session, const std::string& path) {
  constexpr std::size_t kSize = 8;
  const auto content = read_input(session, path, 4096);
  const auto octets = finder::key_octets(content.view(), kSize);
  if (!octets) {
    throw Failed{Errc::invalid_argument, "--recovery-key " + path + ": must hold 8 octets or 16 hexadecimal digits"};
  }
  return fmdn::ShortKey{octets->view().first<kSize>()};
}

int recover(Session& session, const Choice& choice, const FmdnOptions& options) {
  std::optional<fmdn::ShortKey> given;
  if (!choice.recovery_file.empty()) given = read_recovery_key(session, choice.recovery_file);
  OpenKeyring keyring{options.keyring};
  must(
      finder::recover(radio_of(session, options.adapter), keyring.keyring(), choice.target, given ? &*given : nullptr));
  session.answer({{"name", choice.target.name}, {"recovered", true}}, [&](std::ostream& out) {
    out << "The identity key of '" << choice.target.name << "' is in the keyring.\n";
  });
  return kSuccess;
}

int unprovision(Session& session, const Choice& choice, const FmdnOptions& options) {
  OpenKeyring keyring{options.keyring};
  (void)device_named(keyring.load(), choice.target.name);  // before a question that is for nothing
  confirm(session, choice.yes,
          "'" + choice.target.name +
              "' will be no beacon any more and cannot be located; a locator tag must then be "
              "paired anew.");
  must(finder::unprovision(radio_of(session, options.adapter), keyring.keyring(), choice.target));
  session.answer({{"name", choice.target.name}, {"provisioned", false}}, [&](std::ostream& out) {
    out << "'" << choice.target.name << "' is no beacon any more. 'signetctl fmdn forget " << choice.target.name
        << "' takes it out of the keyring, too.\n";
  });
  return kSuccess;
}

}  // namespace

void add_fmdn_provision(CLI::App& group, Session& session, const SharedFmdnOptions& options) {
  const auto choice = std::make_shared<Choice>();
  const auto command = [&](const char* name, const char* description,
                           int (*run)(Session&, const Choice&, const FmdnOptions&), const char* examples) {
    auto* added = group.add_subcommand(name, description);
    added->add_option("NAME", choice->target.name, "The device, as the keyring has it")->required();
    added->add_option("--address", choice->target.address, "Where it is; it is looked for when not given")
        ->type_name("ADDRESS");
    when_chosen(*added, session, [choice, options, run](Session& s) { return run(s, *choice, *options); });
    show_examples(*added, examples);
    return added;
  };

  auto* providing = command("provision", "Give a paired device its identity key: it is a beacon from now on", provision,
                            R"(  signetctl fmdn provision bag
  signetctl fmdn provision bag --eik eik.hex --yes     a given key, in the place of another)");
  providing->add_option("--eik", choice->eik_file, "Not a random one, but the key in this file")->type_name("FILE");
  providing->add_flag("--yes", choice->yes, "Replace a key without asking");

  command("recover", "Read a beacon's identity key back, with consent at the device", recover,
          R"(  signetctl fmdn recover bag                             after pressing the button of the device
  signetctl fmdn recover bag --recovery-key backup.key   when the keyring has lost the key)")
      ->add_option("--recovery-key", choice->recovery_file, "Of a keyring that was lost: 8 octets or 16 digits")
      ->type_name("FILE");

  command("unprovision", "Take a beacon's identity key away", unprovision, "  signetctl fmdn unprovision bag --yes")
      ->add_flag("--yes", choice->yes, "Do not ask");
}

}  // namespace signet::ctl
