// Monotonic counters on the store. A new counter starts at the chip's write counter and every step costs one write, so its value
// never exceeds the chip's counter: a value can never come back, not even after remove and create or a re-format.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "rpmb/store/store.h"

namespace signet::identity {

struct CounterInfo {
  std::string name;
  std::uint64_t value = 0;
};

class Counters {
 public:
  Counters(rpmb::Store& store, rpmb::Session& session) : store_{store}, session_{session} {}

  Result<std::uint64_t> create(const std::string& space, const std::string& name);     // already_exists, those of Store::apply
  Result<std::uint64_t> increment(const std::string& space, const std::string& name);  // not_found, those of Store::apply
  Result<std::uint64_t> read(const std::string& space, const std::string& name);       // not_found, those of Store::get
  Result<void> remove(const std::string& space, const std::string& name);
  Result<std::vector<CounterInfo>> list(const std::string& space);

 private:
  rpmb::Store& store_;
  rpmb::Session& session_;
};

}  // namespace signet::identity
