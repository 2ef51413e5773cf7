#include "finder/provisioning.h"

#include <algorithm>

#include "crypto/random.h"
#include "finder/moment.h"

namespace signet::finder {
namespace {

namespace owner = fmdn::owner;

Result<owner::Parameters> ask_parameters(Visit& visit) {
  SIGNET_ASSIGN(const auto key, visit.account_key());
  SIGNET_ASSIGN(const auto answer,
                visit.beacon().ask([&](const auto& nonce) { return owner::read_parameters(nonce, key); }));
  return owner::decode_parameters(answer.data, key);
}

Result<owner::ProvisioningState> ask_state(Visit& visit) {
  SIGNET_ASSIGN(const auto key, visit.account_key());
  SIGNET_ASSIGN(const auto answer,
                visit.beacon().ask([&](const auto& nonce) { return owner::read_provisioning_state(nonce, key); }));
  return owner::decode_provisioning_state(answer.data);
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

Result<void> check_replacement(const std::string& name, const fmdn::Eik* present_one, const AskFirst& may_replace) {
  if (!present_one) {
    return fail(Errc::already_exists,
                "'" + name +
                    "' is provisioned with a key that this keyring does not have. Read it back with 'signetctl fmdn "
                    "recover " +
                    name + " --recovery-key FILE', or reset the device by hand");
  }
  return may_replace("'" + name +
                     "' is provisioned already; reports that are sealed for the present key can then be "
                     "opened only with a copy of it.");
}

Result<void> keep_key(Visit& visit, const fmdn::Eik& eik, const owner::Parameters& parameters, Moment now) {
  return visit.keep([&](keyring::Device& device) {
    device.eik = eik.clone();
    device.next_eik.reset();
    device.curve = parameters.curve;
    device.owner = true;
    device.clock = keyring::ClockReading{.beacon = parameters.clock, .wall = now};
  });
}

Result<void> send_key(Visit& visit, const fmdn::Eik& eik, const std::optional<fmdn::Eik>& before) {
  SIGNET_ASSIGN(const auto key, visit.account_key());
  // Kept before it is sent: an answer that is lost must not lose the key.
  SIGNET_TRY(visit.keep([&](keyring::Device& device) {
    device.eik = before ? std::optional{before->clone()} : std::nullopt;
    device.next_eik = eik.clone();
  }));
  const auto answer = visit.beacon().ask(
      [&](const auto& nonce) { return owner::set_eik(nonce, key, eik, before ? &*before : nullptr); });
  if (answer) return {};
  const Errc code = answer.error().code;
  if (code == Errc::access_denied || code == Errc::invalid_argument) {  // the device has said no
    SIGNET_TRY(visit.keep([](keyring::Device& device) { device.next_eik.reset(); }));
  }
  return fail(answer.error());
}

}  // namespace

fmdn::Eik random_eik() {
  crypto::SystemRandom random;
  fmdn::Eik eik;
  random.fill(eik.writable());
  return eik;
}

Result<Provisioned> provision(const Radio& radio, keyring::Keyring& keyring, const Target& target, const fmdn::Eik& eik,
                              const AskFirst& may_replace) {
  SIGNET_ASSIGN(Visit visit, Visit::begin(radio, keyring, target));
  SIGNET_ASSIGN(const auto parameters, ask_parameters(visit));
  SIGNET_ASSIGN(const auto state, ask_state(visit));
  const auto now = present();
  if (!state.owner) {
    return fail(Errc::access_denied, "our account key is not that of the owner of '" + target.name +
                                         "'; only the owner can provision it. Reset the device and pair again");
  }
  const fmdn::Eik* present_one = state.provisioned ? present_key(visit, state, parameters) : nullptr;
  if (state.provisioned) SIGNET_TRY(check_replacement(target.name, present_one, may_replace));
  const std::optional<fmdn::Eik> before = present_one ? std::optional{present_one->clone()} : std::nullopt;

  radio.progress("Sending the identity key ...");
  SIGNET_TRY(send_key(visit, eik, before));
  SIGNET_TRY(keep_key(visit, eik, parameters, now));
  auto identity = fmdn::identity_at(eik, parameters.clock, parameters.curve);
  return Provisioned{
      .eid = identity ? std::move(identity->eid) : Bytes{}, .curve = parameters.curve, .clock = parameters.clock};
}

Result<void> recover(const Radio& radio, keyring::Keyring& keyring, const Target& target,
                     const fmdn::ShortKey* recovery_key) {
  SIGNET_ASSIGN(Visit visit, Visit::begin(radio, keyring, target));
  std::optional<fmdn::ShortKey> of_ours;
  if (!recovery_key) {
    SIGNET_ASSIGN(const auto* eik, visit.eik());
    of_ours = fmdn::recovery_key(*eik);
    recovery_key = &*of_ours;
  }
  SIGNET_ASSIGN(const auto owner_key, visit.account_key());
  SIGNET_ASSIGN(const auto answer,
                visit.beacon().ask([&](const auto& nonce) { return owner::read_eik(nonce, *recovery_key); }));
  SIGNET_ASSIGN(const auto eik, owner::decode_eik(answer.data, owner_key));
  if (!std::ranges::equal(fmdn::recovery_key(eik).view(), recovery_key->view())) {
    return fail(
        Errc::bad_signature,
        "the key that came back is not the one that the recovery key belongs to: the account key in the keyring "
        "is not the owner's. Nothing was changed");
  }
  SIGNET_ASSIGN(const auto parameters, ask_parameters(visit));
  return keep_key(visit, eik, parameters, present());
}

Result<void> unprovision(const Radio& radio, keyring::Keyring& keyring, const Target& target) {
  SIGNET_ASSIGN(Visit visit, Visit::begin(radio, keyring, target));
  SIGNET_ASSIGN(const auto key, visit.account_key());
  SIGNET_ASSIGN(const auto* eik, visit.eik());
  SIGNET_TRY(visit.beacon().ask([&](const auto& nonce) { return owner::clear_eik(nonce, key, *eik); }));
  return visit.keep([](keyring::Device& device) {
    device.eik.reset();
    device.next_eik.reset();
    device.clock.reset();
  });
}

}  // namespace signet::finder
