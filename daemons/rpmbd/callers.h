// Who is calling: asks the bus once per connection and remembers the answer until the connection is gone.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "rpmbd/policy.h"

namespace signet::rpmbd {

// On the loop's thread. A first contact asks the bus and the user database, and systemd if a rule on the caller's user
// names a unit, and waits for the answer: for kPatience at most, and not again within kSilence when systemd has failed.
class Callers {
 public:
  static constexpr std::chrono::milliseconds kPatience{500};
  static constexpr std::chrono::seconds kSilence{5};

  // `policy` is asked for every first contact; after it has changed, call forget().
  Callers(sdbus::IConnection& bus, const Policy& policy, const Clock& clock);

  // The grant of whoever sent `message`. Errors: access_denied, which is remembered like a grant; busy: systemd does
  // not answer just now, and without it nobody can tell which rule holds.
  Result<std::shared_ptr<const Grant>> grant(const sdbus::Message& message);

  // The next call of everybody is judged anew.
  void forget() { remembered_.clear(); }

 private:
  static constexpr std::size_t kMaxRemembered = 1024;
  Result<std::shared_ptr<const Grant>> judge(const sdbus::Message& message);
  Result<std::string> unit_of(pid_t pid);
  void log_denial(uid_t uid, const Error& error);

  sdbus::IConnection& bus_;
  const Policy& policy_;
  const Clock& clock_;
  std::chrono::steady_clock::time_point systemd_answers_from_{};                      // it is not asked earlier
  std::unordered_map<uid_t, std::chrono::steady_clock::time_point> denials_;          // when the last one was logged
  std::unordered_map<std::string, Result<std::shared_ptr<const Grant>>> remembered_;  // by unique bus name
  sdbus::Slot departures_;
};

}  // namespace signet::rpmbd
