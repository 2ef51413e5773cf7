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

// The identifier on the air is that of the period, or of the one before for up to 204 s; of the next, when that has
// begun since the parameters were read.
bool makes(const fmdn::Eik& eik, const Bytes& eid, const owner::Parameters& parameters) {
  for (const std::uint32_t clock :
       {parameters.clock, parameters.clock - fmdn::kPeriod, parameters.clock + fmdn::kPeriod}) {
    const auto identity = fmdn::identity_at(eik, clock, parameters.curve);
    if (identity && identity->eid == eid) return true;
  }
  return false;
}

// The key that was sent earlier, when its answer was lost and the device has it.
std::optional<fmdn::Eik> arrived(const Visit& visit, const owner::ProvisioningState& state,
                                 const owner::Parameters& parameters) {
  const auto& sent = visit.device().next_eik;
  if (!state.provisioned || !sent || !makes(*sent, state.eid, parameters)) return std::nullopt;
  return sent->clone();
}

Result<void> check_replacement(const std::string& name, const std::optional<fmdn::Eik>& before,
                               const AskFirst& may_replace) {
  if (!before) {
    return fail(Errc::already_exists,
                "'" + name +
                    "' is provisioned with a key that this keyring does not have. Read it back with its recovery key "
                    "('signetctl fmdn recover " +
                    name + "'), or reset the device by hand");
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

Result<void> send_key(Visit& visit, const fmdn::Eik& eik, const std::optional<fmdn::Eik>& before,
                      const owner::Parameters& parameters, Moment now) {
  SIGNET_ASSIGN(const auto key, visit.account_key());
  // Kept before it is sent: an answer that is lost must not lose the key, nor what finds the beacon by it.
  SIGNET_TRY(visit.keep([&](keyring::Device& device) {
    device.eik = before ? std::optional{before->clone()} : std::nullopt;
    device.next_eik = eik.clone();
    device.curve = parameters.curve;
    device.clock = keyring::ClockReading{.beacon = parameters.clock, .wall = now};
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

fmdn::Eik random_eik() {
  crypto::SystemRandom random;
  fmdn::Eik eik;
  random.fill(eik.writable());
  return eik;
}

Provisioned provisioned_with(const fmdn::Eik& eik, const owner::Parameters& parameters) {
  auto identity = fmdn::identity_at(eik, parameters.clock, parameters.curve);
  return {.eid = identity ? std::move(identity->eid) : Bytes{}, .curve = parameters.curve, .clock = parameters.clock};
}

}  // namespace

Result<Provisioned> provision(const Radio& radio, keyring::Keyring& keyring, const Target& target,
                              const fmdn::Eik* given, const AskFirst& may_replace) {
  SIGNET_ASSIGN(Visit visit, Visit::begin(radio, keyring, target));
  SIGNET_ASSIGN(const auto parameters, ask_parameters(visit));
  SIGNET_ASSIGN(const auto state, ask_state(visit));
  const auto now = present();
  if (!state.owner) {
    return fail(Errc::access_denied, "our account key is not that of the owner of '" + target.name +
                                         "'; only the owner can provision it. Reset the device and pair again");
  }
  if (const auto present_one = arrived(visit, state, parameters)) {
    SIGNET_TRY(keep_key(visit, *present_one, parameters, now));
    if (!given || std::ranges::equal(given->view(), present_one->view())) {
      return provisioned_with(*present_one, parameters);
    }
  }
  std::optional<fmdn::Eik> before;
  if (state.provisioned) {
    if (visit.device().eik) before = visit.device().eik->clone();
    SIGNET_TRY(check_replacement(target.name, before, may_replace));
  }

  radio.progress("Sending the identity key ...");
  const fmdn::Eik eik = given ? given->clone() : random_eik();
  SIGNET_TRY(send_key(visit, eik, before, parameters, now));
  SIGNET_TRY(keep_key(visit, eik, parameters, now));
  return provisioned_with(eik, parameters);
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
