// Who is calling: asks the bus once per connection and remembers the answer until the connection is gone.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "rpmbd/policy.h"

namespace signet::rpmbd {

// On the loop's thread. A first contact asks the bus (and the user database) and waits for the answer.
class Callers {
 public:
  // `policy` is asked for every first contact; after it has changed, call forget().
  Callers(sdbus::IConnection& bus, const Policy& policy);

  // The grant of whoever sent `message`. Error: access_denied.
  Result<std::shared_ptr<const Grant>> grant(const sdbus::Message& message);

  // The next call of everybody is judged anew.
  void forget() { remembered_.clear(); }

 private:
  static constexpr std::size_t kMaxRemembered = 1024;
  Result<std::shared_ptr<const Grant>> judge(const sdbus::Message& message);

  sdbus::IConnection& bus_;
  const Policy& policy_;
  std::unordered_map<std::string, Result<std::shared_ptr<const Grant>>> remembered_;  // by unique bus name
  sdbus::Slot departures_;
};

}  // namespace signet::rpmbd
