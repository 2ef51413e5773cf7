// What a namespace can do with its objects, keys and counters: names, rights of use and quotas are checked here, and
// only here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "identity/evidence.h"
#include "rpmbd/chip.h"
#include "rpmbd/policy.h"
#include "rpmbd/write_budget.h"

namespace signet::rpmbd {

inline constexpr std::size_t kMaxBatch = 64;

struct NamedChange {
  std::string name;
  std::optional<Bytes> value;  // nothing: remove
};

struct Usage {
  std::uint32_t objects = 0;  // counters included
  std::uint32_t bytes = 0;
  std::uint32_t keys = 0;
  std::uint32_t writes_today = 0;
};

// Not thread-safe; calls may block as long as the chip takes, unless they say otherwise. Every method may also fail
// with the problem of the chip (Chip::mounted) and with invalid_argument for a name that breaks the rules.
class Spaces {
 public:
  Spaces(Chip& chip, WriteBudget& budget) : chip_{chip}, budget_{budget} {}

  // Objects. Errors beyond those of Store: quota_exceeded, wear_limited: nothing was changed.
  Result<Bytes> get(const Grant& grant, const std::string& name);
  Result<void> put(const Grant& grant, const std::string& name, Bytes value);
  Result<void> remove(const Grant& grant, const std::string& name);  // not_found
  Result<void> apply(const Grant& grant, std::vector<NamedChange> changes);
  Result<std::vector<rpmb::ObjectInfo>> list(const Grant& grant, const std::string& prefix);
  Result<Usage> usage(const Grant& grant);

  // Keys. Errors: those of identity::ClientKeys, quota_exceeded, wear_limited.
  Result<void> generate_key(const Grant& grant, const std::string& name, const std::string& algorithm);
  Result<Bytes> sign(const Grant& grant, const std::string& name, BytesView data);
  Result<bool> verify(const Grant& grant, const std::string& name, BytesView data, BytesView signature);
  Result<Bytes> public_key(const Grant& grant, const std::string& name);
  Result<void> remove_key(const Grant& grant, const std::string& name);
  Result<std::vector<identity::KeyInfo>> keys(const Grant& grant);

  // Counters. Errors: those of identity::Counters, quota_exceeded, wear_limited.
  Result<std::uint64_t> create_counter(const Grant& grant, const std::string& name);
  Result<std::uint64_t> increment(const Grant& grant, const std::string& name);
  Result<std::uint64_t> read_counter(const Grant& grant, const std::string& name);
  Result<void> remove_counter(const Grant& grant, const std::string& name);
  Result<std::vector<identity::CounterInfo>> counters(const Grant& grant);

  // Evidence over the namespace and `data`.
  Result<Bytes> evidence(const Grant& grant, BytesView data);
  Result<identity::EvidenceVerdict> verify_evidence(const Grant& grant, BytesView data, BytesView frames);

  // True when the call would touch memory only. Never block.
  [[nodiscard]] bool object_at_hand(const Grant& grant, const std::string& name);
  [[nodiscard]] bool key_at_hand(const Grant& grant, const std::string& name);
  [[nodiscard]] bool counter_at_hand(const Grant& grant, const std::string& name);

 private:
  template <class Call>
  auto write(const Grant& grant, std::uint32_t writes, Call call) -> decltype(call());
  Result<void> check_quota(const Grant& grant, rpmb::Store& store, const std::vector<rpmb::Change>& changes);
  Result<void> check_room(const Grant& grant, rpmb::Store& store, rpmb::ObjectKind kind);

  Chip& chip_;
  WriteBudget& budget_;
};

}  // namespace signet::rpmbd
