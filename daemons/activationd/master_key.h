// Where the master key comes from, under which the database keeps the registrar's private keys: a systemd credential
// by name, else a 0600 file.
#pragma once

#include <string>

#include "activation/keys.h"
#include "base/result.h"

namespace signet::activationd {

// Credentials of the unit, in the order in which they are looked for; two names for the reason that is given in
// identity/root_secret.h.
inline constexpr const char* kEncryptedCredential = "activationd-master-encrypted";
inline constexpr const char* kPlainCredential = "activationd-master";

struct LoadedMaster {
  activation::MasterKey key;
  std::string source;  // for people: "file /etc/signet/activationd-master"
};

// `credentials_directory`: $CREDENTIALS_DIRECTORY, may be empty. `file`: not even looked at when the credential is
// there. Errors: root_secret_missing (neither is there; names the places); config_invalid (not 32 octets or 64
// hexadecimal digits; a file that others may read); io.
Result<LoadedMaster> load_master(const std::string& credentials_directory, const std::string& file);

// A new one in `file`, 64 hexadecimal digits, mode 0600. Errors: those of identity::create_secret_file().
Result<void> create_master(const std::string& file);

}  // namespace signet::activationd
