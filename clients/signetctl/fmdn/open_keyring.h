// The keyring that the options of `signetctl fmdn` name, and who is asked for its secret.
#pragma once

#include <memory>
#include <string>

#include "crypto/random.h"
#include "keyring/keyring.h"
#include "signetctl/session.h"

namespace signet::ctl {

struct KeyringChoice {
  std::string path;              // empty: the usual one
  std::string key_file;          // locks by key file
  std::string pass_phrase_file;  // else this one's first line is the pass phrase
  int pass_phrase_fd = -1;       // or what is read from this descriptor; else the terminal is asked
};

// The keyring for the length of one command. Its secret is asked for when it is needed, once.
class OpenKeyring {
 public:
  // Throws WrongUsage: two secrets, or no directory to keep it in.
  explicit OpenKeyring(const KeyringChoice& choice);
  ~OpenKeyring();

  // Throws Failed, see keyring::Keyring.
  keyring::Contents load();
  void update(const std::function<Result<void>(keyring::Contents&)>& change);

  [[nodiscard]] keyring::Keyring& keyring() { return *keyring_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::unique_ptr<keyring::Lock> lock_;
  crypto::SystemRandom random_;
  std::unique_ptr<keyring::Keyring> keyring_;
};

// The device of that name. Throws Failed: not_found, and says which names there are.
const keyring::Device& device_named(const keyring::Contents& contents, const std::string& name);

}  // namespace signet::ctl
