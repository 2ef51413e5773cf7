// Monotonic counters on the store. A new counter starts at the chip's write counter and every step costs at least one
// authenticated write, so that its value never exceeds the chip's counter. Whatever comes after a remove or a re-format
// starts at a chip counter that these writes have taken further: a value can never come back.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "rpmb/session.h"
#include "rpmb/store/store.h"

namespace signet::identity {

struct CounterInfo {
  std::string name;
  std::uint64_t value = 0;
};

// Not thread-safe, like the store it uses.
class Counters {
 public:
  Counters(rpmb::Store& store, rpmb::Session& session) : store_{store}, session_{session} {}

  // Each answers with the value that then holds. After outcome_unknown a step may have been taken; the next one yields
  // a higher value in any case. Errors beside those of Store::apply and Store::get:
  Result<std::uint64_t> create(const std::string& space, const std::string& name);     // already_exists
  Result<std::uint64_t> increment(const std::string& space, const std::string& name);  // not_found, damaged
  Result<std::uint64_t> read(const std::string& space, const std::string& name);       // not_found, damaged
  Result<void> remove(const std::string& space, const std::string& name);              // not_found
  Result<std::vector<CounterInfo>> list(const std::string& space);                     // damaged; sorted by name

 private:
  rpmb::Store& store_;
  rpmb::Session& session_;
};

}  // namespace signet::identity
