// What opens the owner's keyring: a key file, or a pass phrase.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "keyring/keyring.h"

namespace signet::finder {

// The file holds 32 octets or 64 hexadecimal digits, and nobody else can read it. `what`: how its user calls it, for
// errors.
std::unique_ptr<keyring::Lock> key_file_lock(std::string path, std::string what);

// `text`: what the pass phrase is the first line of; `is_new`: as keyring::Lock::secret(). One that guards a new file
// must have 8 octets; an old one is what it is.
using PassPhraseText = std::function<Result<SecretBuffer>(bool is_new)>;
std::unique_ptr<keyring::Lock> pass_phrase_lock(PassPhraseText text);

}  // namespace signet::finder
