// Where the root secret comes from: a systemd credential by name, else a 0600 file owned by root (identity protocol section 1).
#pragma once

#include <string>

#include "base/result.h"
#include "identity/derivation.h"

namespace signet::identity {

struct LoadedRoot {
  RootSecret secret;
  std::string source;             // for people: "systemd credential signet-root" or the path
  bool survives_reflash = false;  // cannot be known; true only when the configuration says so
};

// `credentials_directory`: $CREDENTIALS_DIRECTORY, may be empty. `file`: fallback path, may be empty.
// The content is 32 raw octets, or 64 hexadecimal digits and an optional newline.
// Errors: root_secret_missing (neither is there; names both places); config_invalid: wrong length, or the file is not a
// regular file, is a symbolic link, is accessible to group or others, or belongs to somebody other than root and ourselves.
Result<LoadedRoot> load_root_secret(const std::string& credentials_directory, const std::string& file);

// Backup file: a text of three lines, "signet-root-backup/1", the secret in hexadecimal digits, and its root_check() so that
// a typing error is found. Mode 0600, created exclusively. Errors: already_exists, no_space, chip_permission -> io.
Result<void> write_backup(const std::string& path, const RootSecret& secret);
// Errors: not_found; invalid_argument (names the line and the rule).
Result<RootSecret> read_backup(const std::string& path);

}  // namespace signet::identity
