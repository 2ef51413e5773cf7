// Files that hold secrets: written exclusively and durably, read only when nobody else can have touched them.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret_bytes.h"

namespace signet::identity {

// Creates `path` with mode 0600 and content `text`, and waits until file and directory entry are on the disk. After an
// error there is no file of ours left behind.
// Errors: already_exists (whatever is there, links included, is left alone); not_found (the directory); no_space; io.
Result<void> create_secret_file(const std::string& path, BytesView text);

// Who may have had access to a file for its content to be believed.
struct FileRule {
  bool ours;          // must belong to root or to ourselves
  mode_t forbidden;   // permission bits that must not be set
  const char* words;  // the same for people
};
inline constexpr FileRule kPrivateFile{true, 0077, "be accessible to its owner only (chmod 600)"};
// systemd hands a credential over by an access control list, whose mask shows as a read bit of the group.
inline constexpr FileRule kCredential{true, 0037, "not be writable by the group or accessible to others"};
inline constexpr FileRule kAnybodysFile{false, 0, ""};  // such as a backup on a medium without owners

// Reads a regular file of at most `limit` octets that keeps `rule`.
// Errors: not_found; config_invalid: a symbolic link, not a regular file, another owner, a mode against the rule,
// larger than `limit`, or not readable for us; io.
Result<SecretBuffer> read_secret_file(const std::string& path, const FileRule& rule, std::size_t limit);

}  // namespace signet::identity
