// signetctl fmdn provision, recover and unprovision: the identity key of a beacon.
#include <memory>

#include "base/hex.h"
#include "crypto/random.h"
#include "signetctl/binary.h"
#include "signetctl/commands/fmdn.h"
#include "signetctl/confirm.h"
#include "signetctl/exit_status.h"
#include "signetctl/fmdn/beacons.h"
#include "signetctl/fmdn/key_octets.h"
#include "signetctl/fmdn/visit.h"

namespace signet::ctl {
namespace {

namespace owner = fmdn::owner;

struct Choice {
  VisitChoice visit;
  std::string eik_file;
  std::string recovery_file;
  bool yes = false;
};

owner::Parameters read_parameters(Visit& visit) {
  const auto answer =
      visit.beacon().ask([&](const auto& nonce) { return owner::read_parameters(nonce, visit.account_key()); });
  return must(owner::decode_parameters(answer.data, visit.account_key()));
}

owner::ProvisioningState read_state(Visit& visit) {
  const auto answer =
      visit.beacon().ask([&](const auto& nonce) { return owner::read_provisioning_state(nonce, visit.account_key()); });
  return must(owner::decode_provisioning_state(answer.data));
}

// The identifier on the air is that of the period, or of the one before for up to 204 s.
bool makes(const fmdn::Eik& eik, const Bytes& eid, const owner::Parameters& parameters) {
  for (const std::uint32_t clock : {parameters.clock, parameters.clock - fmdn::kPeriod}) {
    const auto identity = fmdn::identity_at(eik, clock, parameters.curve);
    if (identity && identity->eid == eid) return true;
  }
  return false;
}

// Whose key the device has now, after an answer that was lost: the one that was sent, or the one before.
const fmdn::Eik* present_key(const Visit& visit, const owner::ProvisioningState& state,
                             const owner::Parameters& parameters) {
  const auto& device = visit.device();
  if (device.next_eik && makes(*device.next_eik, state.eid, parameters)) return &*device.next_eik;
  return device.eik ? &*device.eik : nullptr;
}

fmdn::Eik fresh_key(Session& session, const std::string& path) {
  if (!path.empty()) return read_eik(session, path);
  crypto::SystemRandom random;
  fmdn::Eik eik;
  random.fill(eik.writable());
  return eik;
}

void check_replacement(Session& session, const Choice& choice, const fmdn::Eik* present_one) {
  if (!present_one) {
    throw Failed{Errc::already_exists,
                 "'" + choice.visit.name +
                     "' is provisioned with a key that this keyring does not have. Read it back with 'signetctl fmdn "
                     "recover " +
                     choice.visit.name + " --recovery-key FILE', or reset the device by hand"};
  }
  confirm(session, choice.yes,
          "'" + choice.visit.name +
              "' is provisioned already; reports that are sealed for the present key can then be "
              "opened only with a copy of it.");
}

int provision(Session& session, const Choice& choice, const FmdnOptions& options) {
  fmdn::Eik eik = fresh_key(session, choice.eik_file);
  Visit visit{session, options.keyring, options.adapter, choice.visit};
  const auto parameters = read_parameters(visit);
  const auto state = read_state(visit);
  const auto now = present();
  if (!state.owner) {
    throw Failed{Errc::access_denied, "our account key is not that of the owner of '" + choice.visit.name +
                                          "'; only the owner can provision it. Reset the device and pair again"};
  }
  const fmdn::Eik* present_one = state.provisioned ? present_key(visit, state, parameters) : nullptr;
  if (state.provisioned) check_replacement(session, choice, present_one);
  const std::optional<fmdn::Eik> before = present_one ? std::optional{present_one->clone()} : std::nullopt;

  // Kept before it is sent: an answer that is lost must not lose the key.
  visit.keep([&](keyring::Device& device) {
    device.eik = before ? std::optional{before->clone()} : std::nullopt;
    device.next_eik = eik.clone();
  });
  session.progress("Sending the identity key ...");
  try {
    visit.beacon().ask([&](const auto& nonce) {
      return owner::set_eik(nonce, visit.account_key(), eik, before ? &*before : nullptr);
    });
  } catch (const Failed& failed) {
    const Errc code = failed.error().code;
    if (code == Errc::access_denied || code == Errc::invalid_argument) {  // the device has said no
      visit.keep([](keyring::Device& device) { device.next_eik.reset(); });
    }
    throw;
  }
  visit.keep([&](keyring::Device& device) {
    device.eik = eik.clone();
    device.next_eik.reset();
    device.curve = parameters.curve;
    device.owner = true;
    device.clock = keyring::ClockReading{.beacon = parameters.clock, .wall = now};
  });
  const auto identity = fmdn::identity_at(eik, parameters.clock, parameters.curve);
  const std::string eid = identity ? to_hex(identity->eid) : "";
  session.answer(
      {{"name", choice.visit.name}, {"eid", eid}, {"curve", name(parameters.curve)}, {"clock", parameters.clock}},
      [&](std::ostream& out) { out << "'" << choice.visit.name << "' is a beacon now, with EID " << eid << '\n'; });
  return kSuccess;
}

fmdn::ShortKey read_recovery_key(Session& session, const std::string& path) {
  constexpr std::size_t kSize = 8;
  const auto content = read_input(session, path, 4096);
  const auto octets = key_octets(content.view(), kSize);
  if (!octets) {
    throw Failed{Errc::invalid_argument, "--recovery-key " + path + ": must hold 8 octets or 16 hexadecimal digits"};
  }
  return fmdn::ShortKey{octets->view().first<kSize>()};
}

int recover(Session& session, const Choice& choice, const FmdnOptions& options) {
  std::optional<fmdn::ShortKey> given;
  if (!choice.recovery_file.empty()) given = read_recovery_key(session, choice.recovery_file);
  Visit visit{session, options.keyring, options.adapter, choice.visit};
  const auto key = given ? given->clone() : fmdn::recovery_key(visit.eik());
  const auto answer = visit.beacon().ask([&](const auto& nonce) { return owner::read_eik(nonce, key); });
  const auto eik = must(owner::decode_eik(answer.data, visit.account_key()));
  if (!std::ranges::equal(fmdn::recovery_key(eik).view(), key.view())) {
    throw Failed{
        Errc::bad_signature,
        "the key that came back is not the one that the recovery key belongs to: the account key in the keyring "
        "is not the owner's. Nothing was changed"};
  }
  const auto parameters = read_parameters(visit);
  const auto now = present();
  visit.keep([&](keyring::Device& device) {
    device.eik = eik.clone();
    device.next_eik.reset();
    device.curve = parameters.curve;
    device.owner = true;
    device.clock = keyring::ClockReading{.beacon = parameters.clock, .wall = now};
  });
  session.answer({{"name", choice.visit.name}, {"recovered", true}}, [&](std::ostream& out) {
    out << "The identity key of '" << choice.visit.name << "' is in the keyring.\n";
  });
  return kSuccess;
}

int unprovision(Session& session, const Choice& choice, const FmdnOptions& options) {
  (void)device_named(OpenKeyring{options.keyring}.load(), choice.visit.name);  // before a question that is for nothing
  confirm(session, choice.yes,
          "'" + choice.visit.name +
              "' will be no beacon any more and cannot be located; a locator tag must then be "
              "paired anew.");
  Visit visit{session, options.keyring, options.adapter, choice.visit};
  visit.beacon().ask([&](const auto& nonce) { return owner::clear_eik(nonce, visit.account_key(), visit.eik()); });
  visit.keep([](keyring::Device& device) {
    device.eik.reset();
    device.next_eik.reset();
    device.clock.reset();
  });
  session.answer({{"name", choice.visit.name}, {"provisioned", false}}, [&](std::ostream& out) {
    out << "'" << choice.visit.name << "' is no beacon any more. 'signetctl fmdn forget " << choice.visit.name
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
    added->add_option("NAME", choice->visit.name, "The device, as the keyring has it")->required();
    added->add_option("--address", choice->visit.address, "Where it is; it is looked for when not given");
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
