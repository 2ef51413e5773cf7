#include "activation/credentials.h"

#include <algorithm>

#include "base/base64.h"
#include "base/secret_bytes.h"
#include "crypto/hmac.h"
#include "crypto/sha256.h"

namespace signet::activation {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxModels = 100;
constexpr std::size_t kSecretSize = 32;

bool fits_name(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= kMaxName && std::all_of(name.begin(), name.end(), allowed);
}

Result<void> check(const Actor& actor) {
  if (!fits_name(actor.name)) return fail(Errc::invalid_argument, "name: must be 1 to 64 of a-z 0-9 -");
  if (actor.models.size() > kMaxModels) return fail(Errc::invalid_argument, "models: must be at most 100");
  for (const std::string& model : actor.models) SIGNET_TRY(identity::check_model_id(model));
  return {};
}

UnixTime seconds_of(const Clock& clock) { return std::chrono::floor<std::chrono::seconds>(clock.wall()); }

Failure refused() { return fail(Errc::access_denied, "the credential is not known"); }

AuditEntry entry(UnixTime at, const std::string& by, const char* action, const std::string& what) {
  return {.at = at, .actor = by, .action = action, .detail = what};
}

}  // namespace

Credentials::Credentials(Repository& repository, const Clock& clock, crypto::Random& random)
    : repository_{repository}, clock_{clock}, random_{random} {}

Result<std::string> Credentials::add(const Actor& actor, const std::string& by) {
  SIGNET_TRY(check(actor));
  SecretBytes<kSecretSize> secret;
  random_.fill(secret.writable());
  const CredentialRecord record{
      .actor = actor, .secret_hash = crypto::sha256(secret.view()), .created_at = seconds_of(clock_)};
  auto kept = write_and_wait(repository_, [&](Transaction& transaction) -> Result<void> {
    SIGNET_ASSIGN(const auto present, transaction.credentials());
    const auto same = [&actor](const CredentialRecord& other) { return other.actor.name == actor.name; };
    if (std::any_of(present.begin(), present.end(), same)) {
      return fail(Errc::already_exists, "credential " + actor.name);
    }
    SIGNET_TRY(transaction.put(record));
    return transaction.add(
        entry(record.created_at, by, "add_credential", actor.name + " with the role " + std::string{name(actor.role)}));
  });
  if (!kept) return fail(std::move(kept).error());
  const std::lock_guard lock{mutex_};
  read_at_.reset();
  return actor.name + "." + to_base64url(secret.view());
}

Result<void> Credentials::remove(const std::string& name, const std::string& by) {
  auto removal = write_and_wait(repository_, [&](Transaction& transaction) -> Result<void> {
    SIGNET_ASSIGN(const bool removed, transaction.remove_credential(name));
    if (!removed) return fail(Errc::not_found, "credential " + name);
    return transaction.add(entry(seconds_of(clock_), by, "remove_credential", name));
  });
  if (!removal) return removal;
  const std::lock_guard lock{mutex_};
  read_at_.reset();
  return {};
}

Result<std::vector<CredentialRecord>> Credentials::list() {
  std::vector<CredentialRecord> records;
  SIGNET_TRY(repository_.read([&records](View& view) -> Result<void> {
    SIGNET_ASSIGN(records, view.credentials());
    return {};
  }));
  return records;
}

Result<Actor> Credentials::authenticate(std::string_view credential) {
  const auto dot = credential.find('.');
  if (dot == std::string_view::npos) return refused();
  auto secret = from_base64url(credential.substr(dot + 1));
  if (!secret || secret->size() != kSecretSize) return refused();
  const auto hash = crypto::sha256(*secret);
  wipe(secret->data(), secret->size());

  const std::lock_guard lock{mutex_};
  SIGNET_TRY(refresh());
  const auto known = known_.find(credential.substr(0, dot));
  if (known == known_.end() || !crypto::equal_constant_time(known->second.secret_hash, hash)) return refused();
  return known->second.actor;
}

Result<void> Credentials::refresh() {
  if (read_at_ && clock_.monotonic() - *read_at_ < kFresh) return {};
  SIGNET_ASSIGN(auto records, list());
  known_.clear();
  for (CredentialRecord& record : records) {
    std::string key = record.actor.name;
    known_.emplace(std::move(key), std::move(record));
  }
  read_at_ = clock_.monotonic();
  return {};
}

}  // namespace signet::activation
