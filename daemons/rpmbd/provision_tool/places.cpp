#include "places.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "child.h"
#include "crypto/hmac.h"
#include "identity/root_secret.h"
#include "identity/secret_file.h"

namespace signet::provision {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"encrypted", "credstore", "file"};
constexpr std::size_t kMaxFile = 16 * 1024;  // a secret encrypted by systemd-creds has some hundred octets

const std::string kCredentialName = std::string{"--name="} + identity::kEncryptedCredential;

Result<SecretBuffer> encrypt(const identity::RootSecret& secret) {
  return run({"systemd-creds", "encrypt", kCredentialName, "-", "-"}, secret.view());
}

Result<SecretBuffer> decrypt(BytesView text) {
  return run({"systemd-creds", "decrypt", kCredentialName, "-", "-"}, text);
}

Result<identity::RootSecret> parse(BytesView text, const std::string& path) {
  std::optional<identity::RootSecret> secret = identity::parse_root_secret(text);
  if (!secret) return fail(Errc::config_invalid, path + " holds neither 32 octets nor 64 hexadecimal digits");
  return std::move(*secret);
}

// A credential that does not come back as it was would be noticed only when it is too late.
Result<SecretBuffer> encrypt_and_check(const identity::RootSecret& secret) {
  SIGNET_ASSIGN(SecretBuffer text, encrypt(secret));
  SIGNET_ASSIGN(SecretBuffer back, decrypt(text.view()));
  if (!crypto::equal_constant_time(back.view(), secret.view())) {
    return fail(Errc::config_invalid, "systemd-creds does not give back what it has encrypted");
  }
  return text;
}

// Makes the directory of `path`, as systemd's credential stores have it: for root only.
Result<void> make_directory(const std::string& path, mode_t mode) {
  std::string directory = std::filesystem::path{path}.parent_path();
  if (::mkdir(directory.c_str(), mode) == 0 || errno == EEXIST) return {};
  return fail(errno == ENOENT ? Errc::not_found : Errc::io,
              "making directory " + directory + ": " + std::strerror(errno));
}

Result<void> give_to(const std::string& path, const std::string& owner) {
  const passwd* user = ::getpwnam(owner.c_str());
  if (user == nullptr || ::geteuid() != 0) return {};
  if (::chown(path.c_str(), user->pw_uid, user->pw_gid) == 0) return {};
  return fail(Errc::io, "giving " + path + " to user " + owner + ": " + std::strerror(errno));
}

}  // namespace

std::string_view name(PlaceKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

std::optional<PlaceKind> kind_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<PlaceKind>(i);
  }
  return std::nullopt;
}

std::string describe(const Place& place) {
  switch (place.kind) {
    case PlaceKind::encrypted: return place.path + " (systemd credential, encrypted to this machine)";
    case PlaceKind::credstore: return place.path + " (systemd credential, not encrypted)";
    case PlaceKind::file: return place.path + " (file, not encrypted)";
  }
  return place.path;
}

Places::Places(const std::string& root, const std::string& file)
    : all_{{
          {PlaceKind::encrypted, root + "/etc/credstore.encrypted/" + identity::kEncryptedCredential},
          {PlaceKind::credstore, root + "/etc/credstore/" + identity::kPlainCredential},
          {PlaceKind::file, root + file},
      }} {}

Result<std::vector<Place>> Places::occupied() const {
  std::vector<Place> found;
  for (const Place& place : all_) {
    struct stat status {};
    if (::lstat(place.path.c_str(), &status) == 0) {
      found.push_back(place);
    } else if (errno != ENOENT && errno != ENOTDIR) {
      return fail(Errc::io, "looking at " + place.path + ": " + std::strerror(errno));
    }
  }
  return found;
}

Result<identity::RootSecret> load(const Place& place) {
  if (place.kind != PlaceKind::encrypted) {
    // The daemon's user owns the file, so that neither root nor ourselves need to.
    const identity::FileRule rule = place.kind == PlaceKind::file
                                        ? identity::FileRule{false, 0077, identity::kPrivateFile.words}
                                        : identity::kPrivateFile;
    SIGNET_ASSIGN(SecretBuffer text, identity::read_secret_file(place.path, rule, kMaxFile));
    return parse(text.view(), place.path);
  }
  SIGNET_ASSIGN(SecretBuffer text, identity::read_secret_file(place.path, identity::kAnybodysFile, kMaxFile));
  SIGNET_ASSIGN(SecretBuffer plain, decrypt(text.view()));
  return parse(plain.view(), place.path);
}

Result<void> store(const Place& place, const identity::RootSecret& secret, const std::string& owner) {
  if (place.kind == PlaceKind::encrypted) {
    SIGNET_ASSIGN(SecretBuffer text, encrypt_and_check(secret));
    SIGNET_TRY(make_directory(place.path, 0700));
    return identity::create_secret_file(place.path, text.view());
  }
  SIGNET_TRY(make_directory(place.path, place.kind == PlaceKind::file ? 0755 : 0700));
  SIGNET_TRY(identity::create_secret_file(place.path, secret.view()));
  if (place.kind == PlaceKind::file) return give_to(place.path, owner);
  return {};
}

}  // namespace signet::provision
