#include "activationd/master_key.h"

#include "base/hex.h"
#include "crypto/random.h"
#include "identity/secret_file.h"

namespace signet::activationd {
namespace {

constexpr std::size_t kMaxFile = 65;  // 64 digits and a newline

Result<LoadedMaster> load(const std::string& path, const identity::FileRule& rule, const std::string& source) {
  SIGNET_ASSIGN(const SecretBuffer text, identity::read_secret_file(path, rule, kMaxFile));
  auto key = activation::parse_master_key(text.view());
  if (!key)
    return fail(Errc::config_invalid, "master key in " + path + ": neither 32 octets nor 64 hexadecimal digits");
  return LoadedMaster{*std::move(key), source};
}

std::string missing(const std::string& credentials_directory, const std::string& file) {
  std::string text = "no master key: no systemd credential ";
  text.append(kEncryptedCredential).append(" or ").append(kPlainCredential);
  text += credentials_directory.empty() ? " (started without any)" : " in " + credentials_directory;
  return text + " and no file " + file + "; 'activationd init' makes one";
}

}  // namespace

Result<LoadedMaster> load_master(const std::string& credentials_directory, const std::string& file) {
  for (const char* name : {kEncryptedCredential, kPlainCredential}) {
    if (credentials_directory.empty()) break;
    auto loaded =
        load(credentials_directory + "/" + name, identity::kCredential, std::string{"systemd credential "} + name);
    if (loaded || loaded.error().code != Errc::not_found) return loaded;
  }
  auto loaded = load(file, identity::kPrivateFile, "file " + file);
  if (loaded || loaded.error().code != Errc::not_found) return loaded;
  return fail(Errc::root_secret_missing, missing(credentials_directory, file));
}

Result<void> create_master(const std::string& file) {
  activation::MasterKey key;
  crypto::SystemRandom{}.fill(key.writable());
  std::string digits = to_hex(key.view()) + "\n";
  auto created = identity::create_secret_file(file, as_bytes(digits));
  wipe(digits.data(), digits.size());
  return created;
}

}  // namespace signet::activationd
