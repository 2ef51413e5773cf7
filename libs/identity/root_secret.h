// Where the root secret comes from: a systemd credential by name, else a 0600 file (docs/identity.md, "Keys").
// rpmbd-provision(8) makes all of them.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "identity/derivation.h"

namespace signet::identity {

// Credentials of the unit, in the order in which they are looked for. Two names, since systemd refuses to start a unit
// whose encrypted credential turns out to be a plain file.
inline constexpr const char* kEncryptedCredential = "signet-root-encrypted";
inline constexpr const char* kPlainCredential = "signet-root";

struct LoadedRoot {
  RootSecret secret;
  std::string source;  // for people: "systemd credential signet-root-encrypted" or "file /etc/signet/root-secret"
};

// `credentials_directory`: $CREDENTIALS_DIRECTORY, may be empty. `file`: fallback path, may be empty; not even looked
// at when the credential is there, so that a damaged credential is never answered with another secret. Errors:
// root_secret_missing (neither is there; names both places); config_invalid: not 32 octets, or the file is not a
// regular file, is a symbolic link, is accessible to others, or belongs to somebody other than root and ourselves; io.
Result<LoadedRoot> load_root_secret(const std::string& credentials_directory, const std::string& file);

// The content of a credential or file: 32 raw octets, or 64 hexadecimal digits and an optional newline.
std::optional<RootSecret> parse_root_secret(BytesView text);

// Backup file: a text of three lines, "signet-root-backup/1", the secret in hexadecimal digits, and its root_check() so
// that a typing error is found. Errors: those of create_secret_file().
Result<void> write_backup(const std::string& path, const RootSecret& secret);
// Errors: not_found; invalid_argument (names the line and the rule); config_invalid (not a readable regular file); io.
Result<RootSecret> read_backup(const std::string& path);

}  // namespace signet::identity
