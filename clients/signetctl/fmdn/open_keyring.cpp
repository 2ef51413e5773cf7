#include "signetctl/fmdn/open_keyring.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "finder/locks.h"
#include "finder/visit.h"
#include "identity/secret_file.h"
#include "signetctl/fmdn/terminal.h"

namespace signet::ctl {
namespace {

constexpr std::size_t kMaxSecret = 4096;

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

Result<SecretBuffer> ask_terminal(bool is_new) {
  if (!is_new) return ask_without_echo("Pass phrase of the keyring: ");
  SIGNET_ASSIGN(SecretBuffer first, ask_without_echo("New pass phrase for the keyring: "));
  SIGNET_ASSIGN(const SecretBuffer again, ask_without_echo("The same again: "));
  if (as_text(first.view()) != as_text(again.view())) {
    return fail(Errc::cancelled, "the two pass phrases differ; nothing was changed");
  }
  return first;
}

Result<SecretBuffer> pass_phrase_text(const KeyringChoice& choice, bool is_new) {
  if (!choice.pass_phrase_file.empty()) {
    auto text = identity::read_secret_file(choice.pass_phrase_file, identity::kCredential, kMaxSecret);
    if (!text) return fail(text.error().code, "--keyring-passphrase-file: " + text.error().context);
    return text;
  }
  return choice.pass_phrase_fd >= 0 ? read_descriptor(choice.pass_phrase_fd) : ask_terminal(is_new);
}

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
    lock_ = finder::pass_phrase_lock([choice](bool is_new) { return pass_phrase_text(choice, is_new); });
  } else {
    lock_ = finder::key_file_lock(choice.key_file, "--keyring-key");
  }
  keyring_ = std::make_unique<keyring::Keyring>(path_, *lock_, random_);
}

OpenKeyring::~OpenKeyring() = default;

keyring::Contents OpenKeyring::load() { return must(keyring_->load()); }

void OpenKeyring::update(const std::function<Result<void>(keyring::Contents&)>& change) {
  must(keyring_->update(change));
}

const keyring::Device& device_named(const keyring::Contents& contents, const std::string& name) {
  return *must(finder::device_named(contents, name));
}

}  // namespace signet::ctl
