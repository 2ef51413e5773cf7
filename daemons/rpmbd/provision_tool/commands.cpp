#include "commands.h"

#include <sys/stat.h>
#include <toml++/toml.h>

#include <algorithm>

#include "crypto/random.h"
#include "identity/root_secret.h"

namespace signet::provision {
namespace {

constexpr const char* kDefaultFile = "/etc/signet/root-secret";

// [root] file of the configuration; the rest of it is the daemon's to judge. A missing configuration means the default.
Result<std::string> configured_file(const Options& options) {
  std::string path = options.root + options.config;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return kDefaultFile;
  try {
    return toml::parse_file(path)["root"]["file"].value_or<std::string>(kDefaultFile);
  } catch (const toml::parse_error& error) {
    return fail(Errc::config_invalid,
                path + ":" + std::to_string(error.source().begin.line) + ": " + std::string{error.description()});
  }
}

Result<Places> places(const Options& options) {
  SIGNET_ASSIGN(std::string file, configured_file(options));
  return Places{options.root, file};
}

bool systemd_is_running() {  // as sd_booted(3) tells
  struct stat status {};
  return ::lstat("/run/systemd/system", &status) == 0 && S_ISDIR(status.st_mode);
}

Report report(const Place& place, const identity::RootSecret& secret) {
  return {.place = place, .check = identity::root_check(secret), .shadowed = {}};
}

Result<Report> store_at(const Places& all, PlaceKind kind, const identity::RootSecret& secret, const Options& options) {
  SIGNET_TRY(store(all[kind], secret, options.owner));
  return report(all[kind], secret);
}

Result<Report> keep(const identity::RootSecret& secret, const Options& options) {
  SIGNET_ASSIGN(Places all, places(options));
  SIGNET_ASSIGN(std::vector<Place> taken, all.occupied());
  if (!taken.empty()) {
    return fail(Errc::already_exists, "there is a root secret already: " + describe(taken.front()) +
                                          "; it is never overwritten, since chips may depend on it");
  }
  if (options.place) return store_at(all, *options.place, secret, options);
  if (!options.root.empty())
    return store_at(all, PlaceKind::credstore, secret, options);  // no key of that machine here
  if (!systemd_is_running()) return store_at(all, PlaceKind::file, secret, options);
  auto stored = store_at(all, PlaceKind::encrypted, secret, options);
  bool cannot_encrypt =
      !stored && (stored.error().code == Errc::unsupported || stored.error().code == Errc::config_invalid);
  return cannot_encrypt ? store_at(all, PlaceKind::credstore, secret, options) : std::move(stored);
}

struct InUse {
  identity::RootSecret secret;
  Report report;
};

Result<InUse> in_use(const Options& options) {
  SIGNET_ASSIGN(Places all, places(options));
  SIGNET_ASSIGN(std::vector<Place> taken, all.occupied());
  if (taken.empty()) {
    std::string text = "there is no root secret; looked for";
    for (const Place& place : all.all()) text += " " + place.path;
    return fail(Errc::root_secret_missing, text);
  }
  SIGNET_ASSIGN(identity::RootSecret secret, load(taken.front()));
  Report facts = report(taken.front(), secret);
  facts.shadowed.assign(taken.begin() + 1, taken.end());
  return InUse{std::move(secret), std::move(facts)};
}

}  // namespace

Result<Report> create(const Options& options) {
  identity::RootSecret secret;
  crypto::SystemRandom{}.fill(secret.writable());
  return keep(secret, options);
}

Result<Report> back_up(const Options& options, const std::string& file) {
  SIGNET_ASSIGN(InUse found, in_use(options));
  SIGNET_TRY(identity::write_backup(file, found.secret));
  return std::move(found.report);
}

Result<Report> restore(const Options& options, const std::string& file) {
  SIGNET_ASSIGN(identity::RootSecret secret, identity::read_backup(file));
  return keep(secret, options);
}

Result<Report> status(const Options& options) {
  SIGNET_ASSIGN(InUse found, in_use(options));
  return std::move(found.report);
}

}  // namespace signet::provision
