#include "finder/locks.h"

#include "finder/key_octets.h"
#include "identity/secret_file.h"

namespace signet::finder {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kMaxFile = 4096;
constexpr std::size_t kLeastPassPhrase = 8;

SecretBuffer first_line(const SecretBuffer& text) {
  auto line = as_text(text.view());
  line = line.substr(0, line.find_first_of("\r\n"));
  return SecretBuffer{as_bytes(line)};
}

class KeyFile final : public keyring::Lock {
 public:
  KeyFile(std::string path, std::string what) : path_{std::move(path)}, what_{std::move(what)} {}
  [[nodiscard]] keyring::LockedBy kind() const override { return keyring::LockedBy::key_file; }

  Result<SecretBuffer> secret(bool) override {
    const auto content = identity::read_secret_file(path_, identity::kPrivateFile, kMaxFile);
    if (!content) return fail(content.error().code, what_ + ": " + content.error().context);
    auto key = key_octets(content->view(), kKeySize);
    if (!key) {
      return fail(Errc::invalid_argument, what_ + ": " + path_ + ": must hold 32 octets or 64 hexadecimal digits");
    }
    return *std::move(key);
  }

 private:
  std::string path_;
  std::string what_;
};

class PassPhrase final : public keyring::Lock {
 public:
  explicit PassPhrase(PassPhraseText text) : text_{std::move(text)} {}
  [[nodiscard]] keyring::LockedBy kind() const override { return keyring::LockedBy::pass_phrase; }

  Result<SecretBuffer> secret(bool is_new) override {
    SIGNET_ASSIGN(const SecretBuffer text, text_(is_new));
    SecretBuffer line = first_line(text);
    if (line.size() == 0) return fail(Errc::invalid_argument, "the keyring's pass phrase: is empty");
    if (is_new && line.size() < kLeastPassPhrase) {
      return fail(Errc::invalid_argument, "the keyring's pass phrase: must have at least 8 octets");
    }
    return line;
  }

 private:
  PassPhraseText text_;
};

}  // namespace

std::unique_ptr<keyring::Lock> key_file_lock(std::string path, std::string what) {
  return std::make_unique<KeyFile>(std::move(path), std::move(what));
}

std::unique_ptr<keyring::Lock> pass_phrase_lock(PassPhraseText text) {
  return std::make_unique<PassPhrase>(std::move(text));
}

}  // namespace signet::finder
