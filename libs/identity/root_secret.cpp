#include "identity/root_secret.h"

#include <algorithm>

#include "base/hex.h"
#include "identity/secret_file.h"

namespace signet::identity {
namespace {

constexpr std::size_t kHexSize = 2 * kRootSecretSize;
constexpr std::string_view kBackupMagic = "signet-root-backup/1";
constexpr std::size_t kMaxBackup = 1024;  // far above three lines; whatever is larger is something else

std::optional<RootSecret> from_digits(std::string_view digits) {
  if (digits.size() != kHexSize) return std::nullopt;
  std::optional<Bytes> octets = from_hex(digits);
  if (!octets) return std::nullopt;
  RootSecret secret{std::span<const std::uint8_t, kRootSecretSize>{*octets}};
  wipe(octets->data(), octets->size());
  return secret;
}

Result<LoadedRoot> load(const std::string& path, const FileRule& rule, std::string source) {
  SIGNET_ASSIGN(SecretBuffer text, read_secret_file(path, rule, kHexSize + 1));
  std::optional<RootSecret> secret = parse_root_secret(text.view());
  if (!secret) {
    return fail(Errc::config_invalid, "root secret in " + path + ": neither 32 octets nor 64 hexadecimal digits, but " +
                                          std::to_string(text.size()) + " octets");
  }
  return LoadedRoot{std::move(*secret), std::move(source)};
}

std::string missing(const std::string& credentials_directory, const std::string& file) {
  std::string text = "no systemd credential ";
  text.append(kEncryptedCredential).append(" or ").append(kPlainCredential);
  if (credentials_directory.empty()) {
    text += " (started without any)";
  } else {
    text.append(" in ").append(credentials_directory);
  }
  text += file.empty() ? " and no file configured" : " and no file " + file;
  return text + "; create one with 'rpmbd-provision create' or bring it back with 'rpmbd-provision restore FILE'";
}

// The next line of `text` without its newline; nothing at the end.
std::string_view take_line(std::string_view& text) {
  auto end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

Failure bad_backup(const std::string& path, int line, const std::string& rule) {
  return fail(Errc::invalid_argument, "backup " + path + ", line " + std::to_string(line) + ": " + rule);
}

}  // namespace

std::optional<RootSecret> parse_root_secret(BytesView text) {
  if (text.size() == kRootSecretSize) return RootSecret{text.first<kRootSecretSize>()};
  if (text.size() == kHexSize + 1 && text.back() == '\n') text = text.first(kHexSize);
  return from_digits(as_text(text));
}

Result<LoadedRoot> load_root_secret(const std::string& credentials_directory, const std::string& file) {
  for (const char* name : {kEncryptedCredential, kPlainCredential}) {
    if (credentials_directory.empty()) break;
    auto loaded = load(credentials_directory + "/" + name, kCredential, std::string{"systemd credential "} + name);
    if (loaded || loaded.error().code != Errc::not_found) return loaded;
  }
  if (!file.empty()) {
    auto loaded = load(file, kPrivateFile, "file " + file);
    if (loaded || loaded.error().code != Errc::not_found) return loaded;
  }
  return fail(Errc::root_secret_missing, missing(credentials_directory, file));
}

Result<void> write_backup(const std::string& path, const RootSecret& secret) {
  std::string digits = to_hex(secret.view());
  std::string check = to_hex(root_check(secret));
  SecretBuffer text{kBackupMagic.size() + digits.size() + check.size() + 3};
  auto end = text.writable().begin();
  for (std::string_view line : {kBackupMagic, std::string_view{digits}, std::string_view{check}}) {
    end = std::copy(line.begin(), line.end(), end);
    *end++ = '\n';
  }
  wipe(digits.data(), digits.size());
  return create_secret_file(path, text.view());
}

Result<RootSecret> read_backup(const std::string& path) {
  SIGNET_ASSIGN(SecretBuffer content, read_secret_file(path, kAnybodysFile, kMaxBackup));
  std::string_view rest = as_text(content.view());

  if (take_line(rest) != kBackupMagic) return bad_backup(path, 1, "must be \"" + std::string{kBackupMagic} + "\"");
  std::optional<RootSecret> secret = from_digits(take_line(rest));
  if (!secret) return bad_backup(path, 2, "must be the secret, 64 hexadecimal digits");
  if (take_line(rest) != to_hex(root_check(*secret))) {
    return bad_backup(path, 3, "must be the check value of the secret; one of the two was not copied correctly");
  }
  if (!rest.empty()) return bad_backup(path, 4, "must not be there");
  return std::move(*secret);
}

}  // namespace signet::identity
