#include "finder/pair.h"

#include "base/hex.h"
#include "fastpair/uuids.h"
#include "finder/address.h"
#include "finder/advert.h"
#include "finder/beacon_link.h"

namespace signet::finder {
namespace {

std::optional<fastpair::ModelId> advertised_model(const bluez::Sighting& seen) {
  const auto data = seen.service_data.find(kFastPairUuid);
  if (data == seen.service_data.end()) return std::nullopt;
  const auto advert = fastpair::parse_advert(data->second);
  const auto* open = advert ? std::get_if<fastpair::Discoverable>(&*advert) : nullptr;
  return open ? std::optional{open->model_id} : std::nullopt;
}

Result<Paired> find_provider(const Radio& radio, bluez::Central& central, const Wanted& wanted) {
  std::string address;
  if (!wanted.address.empty()) {
    SIGNET_ASSIGN(address, checked_address(wanted.address));
  }
  radio.progress("Looking for a device in pairing mode ...");
  std::optional<Paired> found;
  SIGNET_TRY(central.scan(radio.limit, [&](const bluez::Sighting& seen) {
    const auto model = advertised_model(seen);
    if (!model || (wanted.model && *model != *wanted.model) || (!address.empty() && seen.address != address)) {
      return true;
    }
    found = Paired{.address = seen.address, .model = *model};
    return false;
  }));
  if (found) return *std::move(found);
  return fail(Errc::timeout,
              "no such device in pairing mode was seen in time. Put it into pairing mode (see its manual), near this "
              "machine; 'signetctl fmdn scan' shows what is on the air");
}

Result<void> accept(const bluez::WriteOutcome& outcome, const std::string& what) {
  const auto* error = std::get_if<bluez::AttError>(&outcome);
  if (!error) return {};
  const auto code = static_cast<std::uint8_t>(*error);
  return fail(Errc::access_denied,
              what + " was refused with ATT error 0x" + to_hex({&code, 1}) +
                  ": the device takes no more attempts for now, has lost its bond with this machine, or has no "
                  "room for another owner. Wait 5 minutes, or reset it");
}

// Shows the device that we know its model's key, and it shows us that it has the private one.
Result<void> meet(const Radio& radio, bluez::Link& link, fastpair::Seeker& seeker, const std::string& address) {
  SIGNET_TRY(link.subscribe(fastpair::kKeyBasedPairingUuid, radio.limit));
  const auto request = seeker.pairing_request({.provider = octets_of(address)});
  SIGNET_ASSIGN(const auto written, link.write(fastpair::kKeyBasedPairingUuid, request, radio.limit));
  SIGNET_TRY(accept(written, "the pairing request"));
  const auto answer = link.next_notification(fastpair::kKeyBasedPairingUuid, radio.limit);
  if (!answer && answer.error().code == Errc::timeout) {
    return fail(Errc::bad_signature,
                "the device did not answer the pairing request: it is not in pairing mode any more, or the "
                "anti-spoofing key is not that of its model");
  }
  if (!answer) return fail(answer.error());
  if (const auto response = seeker.read_response(*answer); !response) {
    return fail(Errc::bad_signature,
                "the device's answer to the pairing request does not decrypt: it has another "
                "anti-spoofing key, and may not be genuine. Nothing was given to it");
  }
  return {};
}

// Only ordinary devices bond, and only they show their model to anybody.
bool wants_bond(bluez::Link& link) { return link.has(fastpair::kModelIdUuid); }

// Each side shows the other, under the key that they have agreed on, what it has been given to compare.
Result<void> bond(const Radio& radio, bluez::Link& link, fastpair::Seeker& seeker) {
  radio.progress("Bonding ...");
  SIGNET_TRY(link.subscribe(fastpair::kPasskeyUuid, radio.limit));
  SIGNET_ASSIGN(const std::uint32_t shown, link.begin_bonding(radio.limit));
  SIGNET_ASSIGN(const auto written, link.write(fastpair::kPasskeyUuid, seeker.passkey(shown), radio.limit));
  SIGNET_TRY(accept(written, "the passkey"));
  const auto answer = link.next_notification(fastpair::kPasskeyUuid, radio.limit);
  const auto theirs = answer ? seeker.read_passkey(*answer) : Result<std::uint32_t>{fail(answer.error())};
  const bool same = theirs.has_value() && *theirs == shown;
  auto bonded = link.finish_bonding(same, radio.limit);
  if (same) return bonded;
  return fail(Errc::bad_signature,
              "the device does not show the digits that this machine was given to compare: another device may have "
              "come between. Nothing was given to it");
}

// The first account key that asks is the owner's from then on. Errors: access_denied: the
// device does not know the key.
Result<bool> is_owners(const Radio& radio, bluez::Link& link, const SecretBytes<16>& account_key) {
  SIGNET_ASSIGN(auto beacon, BeaconLink::begin(link, radio.limit));
  SIGNET_ASSIGN(const auto answer, beacon.ask([&](const auto& nonce) {
    return fmdn::owner::read_provisioning_state(nonce, account_key.view());
  }));
  SIGNET_ASSIGN(const auto state, fmdn::owner::decode_provisioning_state(answer.data));
  return state.owner;
}

Result<void> check_free(const keyring::Contents& contents, const std::string& name) {
  const auto* present = contents.find(name);
  if (!present || !present->may_be_beacon()) return {};
  return fail(Errc::already_exists, "the keyring has a beacon '" + name +
                                        "'; choose another name, or 'signetctl fmdn forget " + name + "' first");
}

// What the keyring has under that name already: perhaps the key of this very device, whose answer was lost.
Result<std::optional<keyring::Device>> known_as(keyring::Keyring& keyring, const std::string& name) {
  SIGNET_TRY(keyring::check_name(name));
  SIGNET_ASSIGN(const auto contents, keyring.load());
  SIGNET_TRY(check_free(contents, name));
  const auto* present = contents.find(name);
  return present ? std::optional{present->clone()} : std::nullopt;
}

// The account key of one thing is not lost for another that happens to be in pairing mode.
Result<void> check_model(const std::optional<keyring::Device>& before, const fastpair::ModelId& model) {
  if (!before || !before->model_id || *before->model_id == model) return {};
  return fail(Errc::already_exists, "the keyring has '" + before->name +
                                        "', which is of another model; choose another " +
                                        "name, or 'signetctl fmdn forget " + before->name + "' first");
}

Result<void> keep(keyring::Keyring& keyring, const keyring::Device& device) {
  return keyring.update([&](keyring::Contents& contents) -> Result<void> {
    SIGNET_TRY(check_free(contents, device.name));
    return contents.put(device.clone());
  });
}

// What is kept before it is given stays when the answer is missing: a device with an owner whom nobody knows would have
// to be reset. `before`: takes its place again when the device says no.
Result<void> give(const Radio& radio, bluez::Link& link, fastpair::Seeker& seeker, keyring::Keyring& keyring,
                  const keyring::Device& device, const std::optional<keyring::Device>& before) {
  SIGNET_TRY(keep(keyring, device));
  SIGNET_ASSIGN(const auto written,
                link.write(fastpair::kAccountKeyUuid, seeker.give(*device.account_key), radio.limit));
  auto accepted = accept(written, "the account key");
  if (accepted) return {};
  SIGNET_TRY(before ? keep(keyring, *before)
                    : keyring.update([&](keyring::Contents& contents) { return contents.remove(device.name); }));
  return accepted;
}

// Whether the device has the key of `before`; `device` is to go on with it then. A device that does not know it has no
// use for it either, so that another may take its place.
Result<bool> resume(const Radio& radio, bluez::Link& link, keyring::Device& device, const keyring::Device& before) {
  if (!before.account_key || !link.has(fastpair::kBeaconActionsUuid)) return false;
  radio.progress("Asking whether it has its account key already ...");
  const auto owner = is_owners(radio, link, *before.account_key);
  if (!owner && owner.error().code == Errc::access_denied) return false;
  if (!owner) return fail(owner.error());
  device.account_key = before.account_key->clone();
  device.owner = *owner;
  return true;
}

}  // namespace

Result<Paired> pair(const Radio& radio, keyring::Keyring& keyring, const Wanted& wanted, const ModelKey& model_key) {
  SIGNET_ASSIGN(const auto before, known_as(keyring, wanted.name));
  SIGNET_ASSIGN(const auto central, radio.central());
  SIGNET_ASSIGN(Paired paired, find_provider(radio, *central, wanted));
  SIGNET_TRY(check_model(before, paired.model));
  SIGNET_ASSIGN(const auto anti_spoofing, model_key(paired.model));
  crypto::SystemRandom random;
  SIGNET_ASSIGN(auto seeker, fastpair::Seeker::meet(anti_spoofing, random));
  radio.progress("Connecting to " + paired.address + " ...");
  SIGNET_ASSIGN(const auto link, central->connect(paired.address, radio.limit));
  SIGNET_TRY(meet(radio, *link, seeker, paired.address));
  if (wants_bond(*link)) SIGNET_TRY(bond(radio, *link, seeker));

  keyring::Device device{.name = wanted.name, .model_id = paired.model, .address = paired.address};
  bool has_key = false;
  if (before) {
    SIGNET_ASSIGN(has_key, resume(radio, *link, device, *before));
  }
  if (!has_key) {
    radio.progress("Giving it an account key ...");
    device.account_key = seeker.new_account_key();
    SIGNET_TRY(give(radio, *link, seeker, keyring, device, before));
    if (link->has(fastpair::kBeaconActionsUuid)) {
      SIGNET_ASSIGN(device.owner, is_owners(radio, *link, *device.account_key));
    }
  }
  SIGNET_TRY(keep(keyring, device));
  paired.owner = device.owner;
  return paired;
}

}  // namespace signet::finder
