#include "signetctl/fmdn/open_keyring.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "identity/secret_file.h"
#include "signetctl/fmdn/key_octets.h"
#include "signetctl/fmdn/terminal.h"

namespace signet::ctl {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kMaxSecret = 4096;
constexpr std::size_t kLeastPassPhrase = 8;

SecretBuffer without_line_end(const SecretBuffer& text) {
  auto line = as_text(text.view());
  line = line.substr(0, line.find_first_of("\r\n"));
  return SecretBuffer{as_bytes(line)};
}

Result<SecretBuffer> read_descriptor(int fd) {
  SecretBuffer room{kMaxSecret + 1};
  std::size_t size = 0;
  while (size < room.size()) {
    const ssize_t count = ::read(fd, room.writable().data() + size, room.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return fail(Errc::io, "--keyring-passphrase-fd " + std::to_string(fd) + ": " + std::strerror(errno));
    }
    if (count == 0) return SecretBuffer{room.view().first(size)};
    size += static_cast<std::size_t>(count);
  }
  return fail(Errc::too_large, "--keyring-passphrase-fd: has more than 4096 octets");
}

// A pass phrase that guards a new file must not be too short to guard anything; an old one is what it is.
Result<SecretBuffer> checked(SecretBuffer pass_phrase, bool is_new) {
  if (pass_phrase.size() == 0) return fail(Errc::invalid_argument, "the keyring's pass phrase: is empty");
  if (is_new && pass_phrase.size() < kLeastPassPhrase) {
    return fail(Errc::invalid_argument, "the keyring's pass phrase: must have at least 8 octets");
  }
  return pass_phrase;
}

Result<SecretBuffer> key_in(const std::string& path) {
  SIGNET_ASSIGN(const SecretBuffer content, identity::read_secret_file(path, identity::kPrivateFile, kMaxSecret));
  auto key = key_octets(content.view(), kKeySize);
  if (!key) return fail(Errc::invalid_argument, path + ": must hold 32 octets or 64 hexadecimal digits");
  return *std::move(key);
}

class KeyFile final : public keyring::Lock {
 public:
  explicit KeyFile(std::string path) : path_{std::move(path)} {}
  [[nodiscard]] keyring::LockedBy kind() const override { return keyring::LockedBy::key_file; }
  Result<SecretBuffer> secret(bool) override {
    auto key = key_in(path_);
    if (!key) return fail(key.error().code, "--keyring-key: " + key.error().context);
    return key;
  }

 private:
  std::string path_;
};

class PassPhrase final : public keyring::Lock {
 public:
  explicit PassPhrase(KeyringChoice choice) : choice_{std::move(choice)} {}
  [[nodiscard]] keyring::LockedBy kind() const override { return keyring::LockedBy::pass_phrase; }

  Result<SecretBuffer> secret(bool is_new) override {
    SIGNET_ASSIGN(SecretBuffer text, text_of(is_new));
    return checked(without_line_end(text), is_new);
  }

 private:
  Result<SecretBuffer> text_of(bool is_new) {
    if (!choice_.pass_phrase_file.empty()) {
      auto text = identity::read_secret_file(choice_.pass_phrase_file, identity::kCredential, kMaxSecret);
      if (!text) return fail(text.error().code, "--keyring-passphrase-file: " + text.error().context);
      return text;
    }
    if (choice_.pass_phrase_fd >= 0) return read_descriptor(choice_.pass_phrase_fd);
    if (!is_new) return ask_without_echo("Pass phrase of the keyring: ");
    SIGNET_ASSIGN(SecretBuffer first, ask_without_echo("New pass phrase for the keyring: "));
    SIGNET_ASSIGN(const SecretBuffer again, ask_without_echo("The same again: "));
    if (as_text(first.view()) != as_text(again.view())) {
      return fail(Errc::cancelled, "the two pass phrases differ; nothing was changed");
    }
    return first;
  }

  KeyringChoice choice_;
};

std::string path_of(const KeyringChoice& choice) {
  if (!choice.path.empty()) return choice.path;
  const auto usual = keyring::default_path();
  if (!usual) throw WrongUsage{"neither XDG_DATA_HOME nor HOME says where the keyring is", "Give --keyring FILE."};
  return *usual;
}

}  // namespace

OpenKeyring::OpenKeyring(const KeyringChoice& choice) : path_{path_of(choice)} {
  const int secrets = (choice.key_file.empty() ? 0 : 1) + (choice.pass_phrase_file.empty() ? 0 : 1) +
                      (choice.pass_phrase_fd < 0 ? 0 : 1);
  if (secrets > 1) {
    throw WrongUsage{"the keyring has one secret only",
                     "Give one of --keyring-key, --keyring-passphrase-file and --keyring-passphrase-fd."};
  }
  if (choice.key_file.empty()) {
    lock_ = std::make_unique<PassPhrase>(choice);
  } else {
    lock_ = std::make_unique<KeyFile>(choice.key_file);
  }
  keyring_ = std::make_unique<keyring::Keyring>(path_, *lock_, random_);
}

OpenKeyring::~OpenKeyring() = default;

keyring::Contents OpenKeyring::load() { return must(keyring_->load()); }

void OpenKeyring::update(const std::function<Result<void>(keyring::Contents&)>& change) {
  must(keyring_->update(change));
}

const keyring::Device& device_named(const keyring::Contents& contents, const std::string& name) {
  if (const auto* device = contents.find(name)) return *device;
  std::string known;
  for (const auto& device : contents.devices()) known += (known.empty() ? "" : ", ") + device.name;
  throw Failed{Errc::not_found, "the keyring holds no device '" + name + "'; it holds " +
                                    (known.empty() ? "none: 'signetctl fmdn pair' adds one" : known)};
}

}  // namespace signet::ctl
