// Becoming the owner of a device in pairing mode: the Seeker of Fast Pair.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "fastpair/advert.h"
#include "fastpair/seeker.h"
#include "finder/radio.h"
#include "keyring/keyring.h"

namespace signet::finder {

struct Wanted {
  std::string name;     // what the keyring is to call it
  std::string address;  // empty: the first that is seen
  std::optional<fastpair::ModelId> model;
};

struct Paired {
  std::string address;
  fastpair::ModelId model{};
  bool owner = false;  // our account key is the owner's; false as well for what is no beacon
};

using ModelKey = std::function<Result<fastpair::PublicKey>(const fastpair::ModelId&)>;

// Gives the device an account key, which is in the keyring before. A device that has the key of that name already, for
// instance because the answer was lost, goes on with it; another key takes its place only when the device at hand does
// not know it, and accepts the new one. Errors: already_exists: the keyring has a beacon of that name, or a device of
// another model; timeout: none in pairing mode was seen; bad_signature: it cannot show that it is of its model, nothing
// was given to it; access_denied: it refuses; those of `model_key`, of the keyring and of the connection.
Result<Paired> pair(const Radio& radio, keyring::Keyring& keyring, const Wanted& wanted, const ModelKey& model_key);

}  // namespace signet::finder
