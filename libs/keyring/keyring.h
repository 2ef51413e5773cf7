// The keyring of an owner: one encrypted file, for this user only, replaced as a whole (docs/keyring.md).
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "keyring/contents.h"
#include "keyring/sealed_file.h"

namespace signet::keyring {

// What opens the file. Asked at most once for a keyring; the answer is wiped after use.
class Lock {
 public:
  virtual ~Lock() = default;
  [[nodiscard]] virtual LockedBy kind() const = 0;
  // `is_new`: the secret of a keyring that is being made, so that people may be asked twice.
  virtual Result<SecretBuffer> secret(bool is_new) = 0;
};

class Keyring {
 public:
  // `cost`: of the pass phrase of a new file. Keeps a reference to `lock` and `random`.
  Keyring(std::string path, Lock& lock, crypto::Random& random, crypto::ScryptCost cost = {});

  // The devices; none when there is no file. Errors: config_invalid: a link, not ours, or others have access; damaged;
  // unsupported_format; access_denied: the wrong secret; invalid_argument: locked by the other kind of secret;
  // too_large: 16 MiB; io; and whatever the lock says.
  Result<Contents> load();

  // Loads, changes and stores, while no other process can: all of the change is in the file, or nothing. A new file
  // comes with its directory (mode 0700). Errors: those of load() and `change`; no_space; busy: another process has
  // held the keyring for 10 s.
  Result<void> update(const std::function<Result<void>(Contents&)>& change);

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  Result<void> unlock(const Header& header, bool is_new);

  std::string path_;
  Lock& lock_;
  crypto::Random& random_;
  crypto::ScryptCost cost_;
  std::optional<Header> header_;  // that key_ was made for
  FileKey key_;
};

// The directory of user data (XDG base directory specification) and "signet/keyring" below it. Nothing when neither
// XDG_DATA_HOME nor HOME is an absolute path.
std::optional<std::string> default_path();

}  // namespace signet::keyring
