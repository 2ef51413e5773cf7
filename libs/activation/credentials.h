// Credentials of vendors, verifiers and operators: "NAME.SECRET", of which the store has the name and SHA-256 of the
// secret's 32 random octets.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "activation/actor.h"
#include "activation/records.h"
#include "activation/repository.h"
#include "base/clock.h"
#include "crypto/random.h"

namespace signet::activation {

// Thread-safe. All of it blocks for the store, authenticate() only once in kFresh.
class Credentials {
 public:
  static constexpr std::chrono::seconds kFresh{5};  // a credential removed by another process is good for this long

  Credentials(Repository& repository, const Clock& clock, crypto::Random& random);

  // The credential, shown this once. Name: 1 to 64 of a-z 0-9 `-`; models: at most 100 ids.
  // Errors: invalid_argument, already_exists.
  Result<std::string> add(const Actor& actor, const std::string& by);
  Result<void> remove(const std::string& name, const std::string& by);  // not_found
  Result<std::vector<CredentialRecord>> list();

  // Error: access_denied, the same for a name that is not there and for a secret that does not fit.
  Result<Actor> authenticate(std::string_view credential);

 private:
  Result<void> refresh();

  Repository& repository_;
  const Clock& clock_;
  crypto::Random& random_;
  std::mutex mutex_;
  std::map<std::string, CredentialRecord, std::less<>> known_;
  std::optional<std::chrono::steady_clock::time_point> read_at_;
};

}  // namespace signet::activation
