// signetctl fmdn pair: the Seeker of Fast Pair.
#include <memory>

#include "base/hex.h"
#include "fastpair/advert.h"
#include "fastpair/seeker.h"
#include "fastpair/uuids.h"
#include "signetctl/binary.h"
#include "signetctl/commands/fmdn.h"
#include "signetctl/exit_status.h"
#include "signetctl/fmdn/advert.h"
#include "signetctl/fmdn/beacon_link.h"
#include "signetctl/fmdn/find_device.h"
#include "signetctl/fmdn/radio.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

struct Choice {
  std::string name;
  std::string address;
  std::string model;
  std::string anti_spoofing;
};

struct Provider {
  std::string address;
  fastpair::ModelId model{};
};

std::string upper_hex(BytesView octets) {
  std::string text = to_hex(octets);
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::optional<fastpair::ModelId> wanted_model(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto octets = from_hex(text.starts_with("0x") ? text.substr(2) : text);
  fastpair::ModelId model{};
  if (!octets || octets->size() != model.size()) {
    throw Failed{Errc::invalid_argument, "--model '" + text + "': must have 6 hexadecimal digits"};
  }
  std::ranges::copy(*octets, model.begin());
  return model;
}

std::optional<fastpair::ModelId> advertised_model(const bluez::Sighting& seen) {
  const auto data = seen.service_data.find(kFastPairUuid);
  if (data == seen.service_data.end()) return std::nullopt;
  const auto advert = fastpair::parse_advert(data->second);
  const auto* open = advert ? std::get_if<fastpair::Discoverable>(&*advert) : nullptr;
  return open ? std::optional{open->model_id} : std::nullopt;
}

Provider find_provider(Session& session, bluez::Central& central, const Choice& choice) {
  const auto model = wanted_model(choice.model);
  const std::string address = choice.address.empty() ? "" : checked_address(choice.address);
  session.progress("Looking for a device in pairing mode ...");
  std::optional<Provider> found;
  must(central.scan(limit_of(session), [&](const bluez::Sighting& seen) {
    const auto advertised = advertised_model(seen);
    if (!advertised || (model && *advertised != *model) || (!address.empty() && seen.address != address)) return true;
    found = Provider{.address = seen.address, .model = *advertised};
    return false;
  }));
  if (found) return *found;
  throw Failed{Errc::timeout,
               "no such device in pairing mode was seen in time. Put it into pairing mode (see its manual), near this "
               "machine; 'signetctl fmdn scan' shows what is on the air"};
}

fastpair::PublicKey parse_public_key(BytesView content, const std::string& name) {
  Bytes octets{content.begin(), content.end()};
  if (const auto der = crypto::public_key_from_pem(as_text(content))) return must(crypto::public_point(*der));
  fastpair::PublicKey key{};
  if (octets.size() != key.size()) octets = from_hex(without_space_at_ends(as_text(content))).value_or(Bytes{});
  if (octets.size() != key.size()) {
    throw Failed{Errc::invalid_argument,
                 name + ": must be a P-256 public key: PEM, 64 octets (x, y), or 128 hexadecimal digits"};
  }
  std::ranges::copy(octets, key.begin());
  return key;
}

fastpair::PublicKey anti_spoofing_key(Session& session, const Choice& choice, const std::string& keyring,
                                      const fastpair::ModelId& model) try {
  const std::string known = keyring.substr(0, keyring.rfind('/') == std::string::npos ? 0 : keyring.rfind('/') + 1) +
                            "models/" + upper_hex(model) + ".pem";
  const std::string path = choice.anti_spoofing.empty() ? known : choice.anti_spoofing;
  return parse_public_key(read_input(session, path, 4096).view(), "--antispoofing-key " + path);
} catch (const Failed& failed) {
  if (failed.error().code != Errc::not_found || !choice.anti_spoofing.empty()) throw;
  throw Failed{Errc::not_found, "the public anti-spoofing key of model " + upper_hex(model) +
                                    " is not known; give it with --antispoofing-key FILE (" + failed.error().context +
                                    ")"};
}

fastpair::Address octets_of(const std::string& address) {
  std::string digits = address;
  std::erase(digits, ':');
  const auto octets = from_hex(digits).value_or(Bytes(fastpair::kAddressSize));
  fastpair::Address result{};
  std::copy_n(octets.begin(), std::min(octets.size(), result.size()), result.begin());
  return result;
}

void accept(const bluez::WriteOutcome& outcome, const std::string& what) {
  const auto* error = std::get_if<bluez::AttError>(&outcome);
  if (!error) return;
  const auto code = static_cast<std::uint8_t>(*error);
  throw Failed{Errc::access_denied,
               what + " was refused with ATT error 0x" + to_hex({&code, 1}) +
                   ": the device takes no more attempts for now, has lost its bond with this machine, or has no "
                   "room for another owner. Wait 5 minutes, or reset it"};
}

// Shows the device that we know its model's key, and it shows us that it has the private one.
void meet(bluez::Link& link, fastpair::Seeker& seeker, const std::string& address, std::chrono::milliseconds limit) {
  must(link.subscribe(fastpair::kKeyBasedPairingUuid, limit));
  const auto request = seeker.pairing_request({.provider = octets_of(address)});
  accept(must(link.write(fastpair::kKeyBasedPairingUuid, request, limit)), "the pairing request");
  const auto answer = link.next_notification(fastpair::kKeyBasedPairingUuid, limit);
  if (!answer && answer.error().code == Errc::timeout) {
    throw Failed{
        Errc::bad_signature,
        "the device did not answer the pairing request: it is not in pairing mode any more, or the anti-spoofing "
        "key is not that of its model"};
  }
  if (!answer) throw Failed{answer.error()};
  if (const auto response = seeker.read_response(*answer); !response) {
    throw Failed{Errc::bad_signature,
                 "the device's answer to the pairing request does not decrypt: it has another "
                 "anti-spoofing key, and may not be genuine. Nothing was given to it"};
  }
}

// Only ordinary devices bond, and only they show their model to anybody. Each side shows the other, under the key that
// they have agreed on, what it has been given to compare.
bool wants_bond(bluez::Link& link) { return link.has(fastpair::kModelIdUuid); }

void bond(bluez::Link& link, fastpair::Seeker& seeker, std::chrono::milliseconds limit) {
  must(link.subscribe(fastpair::kPasskeyUuid, limit));
  const auto shown = must(link.begin_bonding(limit));
  accept(must(link.write(fastpair::kPasskeyUuid, seeker.passkey(shown), limit)), "the passkey");
  const auto answer = link.next_notification(fastpair::kPasskeyUuid, limit);
  const auto theirs = answer ? seeker.read_passkey(*answer) : Result<std::uint32_t>{fail(answer.error())};
  const bool same = theirs.has_value() && *theirs == shown;
  const auto bonded = link.finish_bonding(same, limit);
  if (!same) {
    throw Failed{Errc::bad_signature,
                 "the device does not show the digits that this machine was given to compare: another device may have "
                 "come between. Nothing was given to it"};
  }
  must(bonded);
}

int pair(Session& session, const Choice& choice, const FmdnOptions& options) {
  must(keyring::check_name(choice.name));
  OpenKeyring keyring{options.keyring};
  if (const auto contents = keyring.load(); contents.find(choice.name) && contents.find(choice.name)->eik) {
    throw Failed{Errc::already_exists, "the keyring has a beacon '" + choice.name +
                                           "'; choose another name, or 'signetctl fmdn forget " + choice.name +
                                           "' first"};
  }
  const auto central = open_central(options.adapter);
  const Provider provider = find_provider(session, *central, choice);
  crypto::SystemRandom random;
  auto seeker =
      must(fastpair::Seeker::meet(anti_spoofing_key(session, choice, keyring.path(), provider.model), random));
  session.progress("Connecting to " + provider.address + " ...");
  const auto limit = limit_of(session);
  const auto link = must(central->connect(provider.address, limit));
  meet(*link, seeker, provider.address, limit);
  if (wants_bond(*link)) {
    session.progress("Bonding ...");
    bond(*link, seeker, limit);
  }

  session.progress("Giving it an account key ...");
  const auto key = seeker.new_account_key();
  keyring::Device device{
      .name = choice.name, .model_id = provider.model, .account_key = key.clone(), .address = provider.address};
  // Kept before it is given: a device with an owner whom nobody knows would have to be reset.
  keyring.update([&](keyring::Contents& contents) { return contents.put(device.clone()); });
  try {
    accept(must(link->write(fastpair::kAccountKeyUuid, seeker.give(key), limit)), "the account key");
  } catch (const Failed& failed) {
    if (failed.error().code == Errc::access_denied) {
      keyring.update([&](keyring::Contents& contents) { return contents.remove(choice.name); });
    }
    throw;
  }
  // The first account key that reads the state is the owner's from then on.
  if (link->has(fastpair::kBeaconActionsUuid)) {
    BeaconLink beacon{*link, limit};
    const auto answer =
        beacon.ask([&](const auto& nonce) { return fmdn::owner::read_provisioning_state(nonce, key.view()); });
    device.owner = must(fmdn::owner::decode_provisioning_state(answer.data)).owner;
    keyring.update([&](keyring::Contents& contents) { return contents.put(device.clone()); });
  }
  session.answer({{"name", choice.name},
                  {"address", provider.address},
                  {"model_id", to_hex(provider.model)},
                  {"owner", device.owner}},
                 [&](std::ostream& out) {
                   out << "Paired with " << provider.address << ", model " << upper_hex(provider.model) << "; it is '"
                       << choice.name << "' from now on. Next: signetctl fmdn provision " << choice.name << '\n';
                 });
  return kSuccess;
}

}  // namespace

void add_fmdn_pair(CLI::App& group, Session& session, const SharedFmdnOptions& options) {
  const auto choice = std::make_shared<Choice>();
  auto* command =
      group.add_subcommand("pair", "Pair with a device in pairing mode by Fast Pair, and keep it by a name");
  command->add_option("NAME", choice->name, "What the keyring is to call it")->required();
  command->add_option("--address", choice->address, "This one; the first that is seen when not given");
  command->add_option("--model", choice->model, "One of this model")->type_name("ID");
  command
      ->add_option("--antispoofing-key", choice->anti_spoofing,
                   "The model's public key; else models/ID.pem beside the keyring")
      ->type_name("FILE");
  show_examples(*command, R"(  signetctl fmdn pair bag --antispoofing-key tag-7.pem
  signetctl fmdn pair bag --model 12A4F7 --address 00:AA:01:00:00:00)");
  when_chosen(*command, session, [choice, options](Session& s) { return pair(s, *choice, *options); });
}

}  // namespace signet::ctl
