// signetctl fmdn: what a phone does with a beacon of the Find My Device network, and what a sighter does.
#include "signetctl/commands/fmdn.h"

#include "signetctl/validators.h"

namespace signet::ctl {
namespace {

constexpr const char* kExamples = R"(  signetctl fmdn scan                                what is on the air, decoded
  signetctl fmdn pair bag --antispoofing-key key.pem  become the owner of a device in pairing mode
  signetctl fmdn provision bag                       give it an identity key; it is a beacon from now on
  signetctl fmdn ring bag                            have it ring
  signetctl fmdn resolve 5f2a...                     which of my devices was seen, and when

What needs no radio: eid, frame, decode, seal, open, resolve, devices, forget.
'signetctl fmdn COMMAND --help' has examples of each.)";

}  // namespace

void add_fmdn(CLI::App& parser, Session& session) {
  auto* group = add_group(parser, "fmdn", "Beacons of the Find My Device network: as their owner, or as who sees them");
  const auto options = std::make_shared<FmdnOptions>();
  group->add_option("--keyring", options->keyring.path, "The owner's keyring; else in the directory of user data")
      ->type_name("FILE");
  group->add_option("--keyring-key", options->keyring.key_file, "It is locked by the 32 octets in this file")
      ->type_name("FILE");
  group
      ->add_option("--keyring-passphrase-file", options->keyring.pass_phrase_file,
                   "Its pass phrase is the first line of this file; else the terminal is asked")
      ->type_name("FILE");
  group
      ->add_option("--keyring-passphrase-fd", options->keyring.pass_phrase_fd,
                   "The same from a descriptor that is open already")
      ->check(whole_number(0, 0x7fffffff))
      ->option_text("FD");

  group->add_option("--adapter", options->adapter, "The Bluetooth adapter; the first that is on when not given")
      ->type_name("NAME");

  add_fmdn_scan(*group, session, options);
  add_fmdn_pair(*group, session, options);
  add_fmdn_provision(*group, session, options);
  add_fmdn_owner(*group, session, options);
  add_fmdn_stranger(*group, session, options);
  add_fmdn_devices(*group, session, options);
  add_fmdn_resolve(*group, session, options);
  add_fmdn_decode(*group, session);
  add_fmdn_eid(*group, session, options);
  add_fmdn_seal(*group, session);
  add_fmdn_open(*group, session, options);
  show_examples(*group, kExamples);
}

}  // namespace signet::ctl
