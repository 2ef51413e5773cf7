// The identity key of a beacon: giving, reading back, taking away.
#pragma once

#include <functional>

#include "finder/visit.h"

namespace signet::finder {

struct Provisioned {
  Bytes eid;  // of the present period; empty, with a probability of 2^-160, when that has none
  fmdn::Curve curve;
  std::uint32_t clock;
};

// Asked before a key is replaced or taken away; the operation ends with its error, and nothing was changed.
using AskFirst = std::function<Result<void>(const std::string& question)>;

// Makes `given`, or with null a fresh one, the device's key; it is in the keyring before it is sent, so that a lost
// answer loses no key. A device that has the key of an earlier call without an answer keeps it, unless `given` is
// another: the keyring learns of it, and nobody is asked. Errors:
// access_denied: our account key is not the owner's, or what the device says; already_exists: it has a key that the
// keyring has not; those of `may_replace`, of the keyring and of the connection.
Result<Provisioned> provision(const Radio& radio, keyring::Keyring& keyring, const Target& target,
                              const fmdn::Eik* given, const AskFirst& may_replace);

// Reads the key back, with consent at the device. `recovery_key`: null when the keyring still has the key that it is
// made of. Errors: bad_signature: what came back is not that key; those of the keyring and of the connection.
Result<void> recover(const Radio& radio, keyring::Keyring& keyring, const Target& target,
                     const fmdn::ShortKey* recovery_key);

// Takes the key away: it is no beacon any more.
Result<void> unprovision(const Radio& radio, keyring::Keyring& keyring, const Target& target);

}  // namespace signet::finder
