#include "activationd/commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "activation/credentials.h"
#include "activation/keys.h"
#include "activation/sqlite/backup.h"
#include "activation/sqlite/store.h"
#include "activationd/master_key.h"
#include "activationd/places.h"
#include "base/base64.h"
#include "base/clock.h"
#include "crypto/random.h"
#include "crypto/x509.h"
#include "identity/secret_file.h"

namespace signet::activationd {
namespace {

using activation::KeyPurpose;
using activation::UnixTime;
namespace sqlite = activation::sqlite;

// Everything a command works with.
struct Bench {
  const CommandLine& line;
  const Config& config;
  std::ostream& out;
  Places places;
  SystemClock clock;
  crypto::SystemRandom random;

  [[nodiscard]] UnixTime now() const { return std::chrono::floor<std::chrono::seconds>(clock.wall()); }
  [[nodiscard]] activation::KeySpec key_spec() const { return {.organization = config.registrar.organization}; }
};

std::string credentials_directory() {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  return directory == nullptr ? "" : directory;
}

Result<std::unique_ptr<sqlite::Store>> open_store(const Bench& bench, bool create = false) {
  auto store = sqlite::Store::open({.path = bench.places.database(), .create = create});
  if (store || store.error().code != Errc::not_found) return store;
  return fail(Errc::not_found, bench.places.database() + " is not there; 'activationd init' makes it");
}

// Where systemd finds the credentials of load_master().
constexpr std::array kStores{"/etc/credstore.encrypted/activationd-master-encrypted",
                             "/etc/credstore/activationd-master"};

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

// A new one only for a database that is not there yet.
Result<LoadedMaster> master_or_new(Bench& bench) {
  auto loaded = load_master(credentials_directory(), bench.config.master_file);
  if (loaded || loaded.error().code != Errc::root_secret_missing) return loaded;
  if (exists(bench.places.database())) return loaded;  // it has been sealed under another one
  for (const auto* path : kStores) {
    if (!exists(path)) continue;
    return fail(Errc::already_exists, std::string{"there is a master key in "} + path +
                                          ", which systemd hands over: systemd-run -P -p LoadCredential" +
                                          (path == kStores[0] ? "Encrypted=" : "=") + name_of(path) +
                                          " activationd init");
  }
  SIGNET_TRY(create_master(bench.config.master_file));
  SIGNET_TRY(give_to_owner(bench.places, bench.config.master_file));
  bench.out << "Master key made in " << bench.config.master_file
            << ". Without it the database is worth nothing: keep a "
            << "copy, away from backups of the database.\nTo have it encrypted to this machine instead:\n"
            << "  systemd-creds encrypt --name=" << kEncryptedCredential << ' ' << bench.config.master_file
            << " /etc/credstore.encrypted/" << kEncryptedCredential << "\n  shred -u " << bench.config.master_file
            << '\n';
  return load_master("", bench.config.master_file);
}

Result<void> init(Bench& bench) {
  SIGNET_ASSIGN(const auto master, master_or_new(bench));
  SIGNET_ASSIGN(const auto owner, AsOwner::of(bench.line.state_dir));
  SIGNET_ASSIGN(const auto store, open_store(bench, true));
  SIGNET_TRY(activation::make_keys(*store, master.key, bench.key_spec(), bench.now(), bench.random));
  bench.out << "Database made in " << bench.places.database() << ", keys sealed under the master key of "
            << master.source << ".\nNext: 'activationd export ca' and 'activationd export escrow' for the devices, "
            << "'activationd credential add' for whoever uses the API.\n";
  return {};
}

Result<void> credential_add(Bench& bench) {
  if (exists(bench.line.file)) {
    return fail(Errc::already_exists, bench.line.file + ": is there; a credential is written to a new file only");
  }
  std::string secret;
  const auto remove = [&bench](activation::Credentials& credentials) {
    return credentials.remove(bench.line.name, "activationd");
  };
  {
    SIGNET_ASSIGN(const auto owner, AsOwner::of(bench.line.state_dir));
    SIGNET_ASSIGN(const auto store, open_store(bench));
    activation::Credentials credentials{*store, bench.clock, bench.random};
    SIGNET_ASSIGN(secret, credentials.add({bench.line.name, bench.line.role, bench.line.models}, "activationd"));
  }
  secret += '\n';
  const auto written = identity::create_secret_file(bench.line.file, as_bytes(secret));
  wipe(secret.data(), secret.size());
  if (!written) {  // nobody will ever know it
    SIGNET_ASSIGN(const auto owner, AsOwner::of(bench.line.state_dir));
    SIGNET_ASSIGN(const auto store, open_store(bench));
    activation::Credentials credentials{*store, bench.clock, bench.random};
    SIGNET_TRY(remove(credentials));
    return written;
  }
  bench.out << "Credential of " << bench.line.name << ", " << activation::name(bench.line.role) << ", written to "
            << bench.line.file << ". It cannot be shown again.\n";
  return {};
}

Result<void> credential_list(Bench& bench) {
  SIGNET_ASSIGN(const auto owner, AsOwner::of(bench.line.state_dir));
  SIGNET_ASSIGN(const auto store, open_store(bench));
  activation::Credentials credentials{*store, bench.clock, bench.random};
  SIGNET_ASSIGN(const auto list, credentials.list());
  for (const auto& credential : list) {
    bench.out << fmt::format("{:<24} {:<10}", credential.actor.name, activation::name(credential.actor.role));
    for (const auto& model : credential.actor.models) bench.out << ' ' << model;
    bench.out << (credential.actor.models.empty() ? " all models\n" : "\n");
  }
  return {};
}

Result<void> credential_remove(Bench& bench) {
  SIGNET_ASSIGN(const auto owner, AsOwner::of(bench.line.state_dir));
  SIGNET_ASSIGN(const auto store, open_store(bench));
  activation::Credentials credentials{*store, bench.clock, bench.random};
  SIGNET_TRY(credentials.remove(bench.line.name, "activationd"));
  bench.out << "Credential of " << bench.line.name << " removed.\n";
  return {};
}

Result<void> back_up(Bench& bench) {
  SIGNET_TRY(sqlite::back_up(bench.places.database(), bench.line.file));
  SIGNET_ASSIGN(const auto facts, sqlite::check_backup(bench.line.file));
  bench.out << fmt::format("{}: {} devices, {} audit entries, read again and found whole.\n", bench.line.file,
                           facts.devices, facts.audit_entries)
            << "It is of use only with the master key, which is not in it.\n";
  return {};
}

Result<void> restore(Bench& bench) {
  SIGNET_ASSIGN(const auto held, lock(bench.places));
  SIGNET_ASSIGN(const auto facts, sqlite::check_backup(bench.line.file));
  ::unlink(bench.places.incoming().c_str());  // of an attempt that was cut short
  SIGNET_TRY(sqlite::back_up(bench.line.file, bench.places.incoming()));
  SIGNET_TRY(give_to_owner(bench.places, bench.places.incoming()));
  SIGNET_TRY(replace_database(bench.places));
  bench.out << fmt::format("Database restored: {} devices, {} audit entries.", facts.devices, facts.audit_entries)
            << " The one before is " << bench.places.previous() << ", if there was one.\n"
            << "What happened since the backup was made is forgotten: devices that were registered later must register "
            << "again, and those that were blocked later must be blocked again.\n";
  return {};
}

std::vector<KeyPurpose> purposes(const std::string& what) {
  if (what == "ca") return {KeyPurpose::hardware_ca, KeyPurpose::emulated_ca};
  return {what == "registrar" ? KeyPurpose::registrar : KeyPurpose::escrow};
}

Result<void> rotate(Bench& bench) {
  SIGNET_ASSIGN(const auto master, load_master(credentials_directory(), bench.config.master_file));
  SIGNET_ASSIGN(const auto owner, AsOwner::of(bench.line.state_dir));
  SIGNET_ASSIGN(const auto store, open_store(bench));
  const auto from = bench.now() + std::chrono::seconds{bench.line.active_in_days * 86400};
  for (const auto purpose : purposes(bench.line.what)) {
    SIGNET_TRY(activation::rotate_key(*store, master.key, purpose, bench.key_spec(), bench.now(), from, bench.random));
    bench.out << "New generation of " << activation::name(purpose) << ".\n";
  }
  bench.out
      << "'systemctl restart activationd' takes it in. Devices need 'activationd export' again for ca and escrow.\n";
  return {};
}

std::string public_pem(const Bytes& der) {
  auto rest = to_base64(der);
  std::string pem = "-----BEGIN PUBLIC KEY-----\n";
  for (std::size_t at = 0; at < rest.size(); at += 64) pem.append(rest, at, 64).append("\n");
  return pem + "-----END PUBLIC KEY-----\n";
}

// Needs no master key: the public parts are not sealed.
Result<void> export_public(Bench& bench) {
  std::vector<activation::KeyRecord> keys;
  {
    SIGNET_ASSIGN(const auto owner, AsOwner::of(bench.line.state_dir));
    SIGNET_ASSIGN(const auto store, open_store(bench));
    SIGNET_TRY(store->read([&keys](activation::View& view) -> Result<void> {
      SIGNET_ASSIGN(keys, view.keys());
      return {};
    }));
  }
  const activation::KeyRecord* escrow = nullptr;
  for (const auto& key : keys) {
    const bool newer = escrow == nullptr || key.generation > escrow->generation;
    if (key.purpose == KeyPurpose::escrow && newer) escrow = &key;
    const bool is_ca = key.purpose == KeyPurpose::hardware_ca || key.purpose == KeyPurpose::emulated_ca;
    if (bench.line.what != "ca" || !is_ca) continue;
    SIGNET_ASSIGN(const auto certificate, crypto::Certificate::from_der(key.certificate));
    bench.out << certificate.pem();
  }
  if (bench.line.what == "escrow" && escrow != nullptr) bench.out << public_pem(escrow->public_key);
  return {};
}

}  // namespace

Result<void> run_command(const CommandLine& line, const Config& config, std::ostream& out) {
  Bench bench{line, config, out, {line.state_dir}, {}, {}};
  switch (line.command) {
    case Command::serve: break;
    case Command::init: return init(bench);
    case Command::credential_add: return credential_add(bench);
    case Command::credential_list: return credential_list(bench);
    case Command::credential_remove: return credential_remove(bench);
    case Command::backup: return back_up(bench);
    case Command::restore: return restore(bench);
    case Command::rotate: return rotate(bench);
    case Command::export_public: return export_public(bench);
  }
  return fail(Errc::internal, "not a command");
}

}  // namespace signet::activationd
