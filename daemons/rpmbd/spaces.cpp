#include "rpmbd/spaces.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "rpmbd/names.h"

namespace signet::rpmbd {
namespace {

using rpmb::ObjectKind;

Usage usage_of(const rpmb::Store& store, const std::string& space) {
  const auto objects = store.list(ObjectKind::object, space);
  Usage usage;
  for (const auto& object : objects) usage.bytes += object.size;
  usage.objects = static_cast<std::uint32_t>(objects.size() + store.list(ObjectKind::counter, space).size());
  usage.keys = static_cast<std::uint32_t>(store.list(ObjectKind::key, space).size());
  return usage;
}

std::uint32_t size_in(const std::vector<rpmb::ObjectInfo>& objects, const std::string& name) {
  const auto found = std::find_if(objects.begin(), objects.end(), [&](const auto& o) { return o.name.name == name; });
  return found == objects.end() ? 0 : found->size;
}

Failure over_quota(const Grant& grant, const char* what, std::uint64_t wanted, std::uint32_t limit) {
  return fail(Errc::quota_exceeded,
              fmt::format("namespace '{}' would have {} {}; its quota is {}", grant.space, wanted, what, limit));
}

// Slots that a namespace within its quotas can need: one for the last piece of everything it has, one for what batches
// waste, and what its octets fill. A batch pins all its slots until the last object in it is replaced; without this
// limit, small objects that were written together with large ones, long gone, could fill the store for everybody.
std::uint32_t slot_limit(const Quota& quota, const rpmb::StoreFacts& store) {
  constexpr std::uint32_t kOverhead = 64;  // octets of a slot that are not content
  const std::uint32_t payload = store.slot_blocks * static_cast<std::uint32_t>(rpmb::kBlockSize) - kOverhead;
  return 2 * quota.objects + quota.keys + quota.bytes / payload + 1;
}

Result<void> check_there(const rpmb::Store& store, const Grant& grant, const std::string& name) {
  if (store.contains({ObjectKind::object, grant.space, name})) return {};
  return fail(Errc::not_found, fmt::format("no object '{}' in namespace '{}'", name, grant.space));
}

Result<void> check_batch(const std::vector<NamedChange>& changes) {
  if (changes.empty()) return fail(Errc::invalid_argument, "the batch is empty");
  if (changes.size() > kMaxBatch) {
    return fail(Errc::invalid_argument,
                fmt::format("{} changes in one batch: at most {} are allowed", changes.size(), kMaxBatch));
  }
  std::set<std::string_view> names;
  for (const auto& change : changes) {
    SIGNET_TRY(check_name("object", change.name));
    if (!names.insert(change.name).second)
      return fail(Errc::invalid_argument, fmt::format("'{}' occurs twice in the batch", change.name));
  }
  return {};
}

}  // namespace

// Runs `call` with `writes` reserved and charges what was really sent.
template <class Call>
auto Spaces::write(const Grant& grant, std::uint32_t writes, Call call) -> decltype(call()) {
  SIGNET_TRY(chip_.check_identity());
  SIGNET_TRY(budget_.reserve(grant, writes));
  const auto before = chip_.session()->stats().writes;
  auto result = call();
  budget_.settle(grant, writes, chip_.session()->stats().writes - before);
  return result;
}

Result<void> Spaces::check_quota(const Grant& grant, rpmb::Store& store, const std::vector<rpmb::Change>& changes) {
  const auto objects = store.list(ObjectKind::object, grant.space);
  const auto before = usage_of(store, grant.space);
  std::int64_t count = before.objects;
  std::int64_t bytes = before.bytes;
  for (const auto& change : changes) {
    const bool exists = store.contains(change.name);
    count += (change.value ? 1 : 0) - (exists ? 1 : 0);
    bytes += static_cast<std::int64_t>(change.value ? change.value->size() : 0) - size_in(objects, change.name.name);
  }
  const auto limit = slot_limit(grant.quota, store.facts());
  const bool puts = std::any_of(changes.begin(), changes.end(), [](const auto& change) { return change.value; });
  if (const auto slots = store.slots_of(grant.space); puts && slots > limit) {
    return fail(
        Errc::quota_exceeded,
        fmt::format("objects of namespace '{}' that were stored in batches keep {} slots in use, its quotas allow {}; "
                    "replace or remove what is left of these batches",
                    grant.space, slots, limit));
  }
  // What is above a quota that was lowered may shrink, just not grow.
  if (count > grant.quota.objects && count > before.objects) {
    return over_quota(grant, "objects", static_cast<std::uint64_t>(count), grant.quota.objects);
  }
  if (bytes > grant.quota.bytes && bytes > before.bytes) {
    return over_quota(grant, "octets", static_cast<std::uint64_t>(bytes), grant.quota.bytes);
  }
  return {};
}

Result<void> Spaces::check_room(const Grant& grant, rpmb::Store& store, ObjectKind kind) {
  const auto usage = usage_of(store, grant.space);
  if (kind == ObjectKind::key && usage.keys >= grant.quota.keys)
    return over_quota(grant, "keys", usage.keys + 1, grant.quota.keys);
  if (kind == ObjectKind::counter && usage.objects >= grant.quota.objects) {
    return over_quota(grant, "objects", usage.objects + 1, grant.quota.objects);
  }
  return {};
}

Result<Bytes> Spaces::get(const Grant& grant, const std::string& name) {
  SIGNET_TRY(check_name("object", name));
  return chip_.use([&](Chip::Mounted& on) -> Result<Bytes> {
    SIGNET_TRY(check_there(on.store, grant, name));
    return on.store.get({ObjectKind::object, grant.space, name});
  });
}

Result<void> Spaces::put(const Grant& grant, const std::string& name, Bytes value) {
  std::vector<NamedChange> changes;
  changes.push_back({name, std::move(value)});
  return apply(grant, std::move(changes));
}

Result<void> Spaces::remove(const Grant& grant, const std::string& name) {
  SIGNET_TRY(check_name("object", name));
  SIGNET_ASSIGN(const Chip::Mounted* const mounted, chip_.mounted());
  SIGNET_TRY(check_there(mounted->store, grant, name));
  std::vector<NamedChange> changes;
  changes.push_back({name, std::nullopt});
  return apply(grant, std::move(changes));
}

Result<void> Spaces::apply(const Grant& grant, std::vector<NamedChange> named) {
  SIGNET_TRY(check_batch(named));
  return chip_.use([&](Chip::Mounted& on) -> Result<void> {
    std::vector<rpmb::Change> changes;
    for (auto& change : named) {
      changes.push_back({{ObjectKind::object, grant.space, std::move(change.name)}, std::move(change.value)});
    }
    SIGNET_TRY(check_quota(grant, on.store, changes));
    SIGNET_ASSIGN(const auto writes, on.store.cost(changes));
    return write(grant, writes, [&] { return on.store.apply(changes); });
  });
}

Result<std::vector<rpmb::ObjectInfo>> Spaces::list(const Grant& grant, const std::string& prefix) {
  SIGNET_TRY(check_prefix(prefix));
  SIGNET_ASSIGN(const Chip::Mounted* const mounted, chip_.mounted());
  return mounted->store.list(ObjectKind::object, grant.space, prefix);
}

Result<Usage> Spaces::usage(const Grant& grant) {
  SIGNET_ASSIGN(const Chip::Mounted* const mounted, chip_.mounted());
  auto usage = usage_of(mounted->store, grant.space);
  usage.writes_today = budget_.spent(grant);
  return usage;
}

Result<void> Spaces::generate_key(const Grant& grant, const std::string& name, const std::string& algorithm) {
  SIGNET_TRY(check_name("key", name));
  SIGNET_ASSIGN(const auto kind, identity::algorithm_from_name(algorithm));
  return chip_.use([&](Chip::Mounted& on) -> Result<void> {
    SIGNET_TRY(check_room(grant, on.store, ObjectKind::key));
    return write(grant, 1, [&] { return on.keys.generate(grant.space, name, kind); });
  });
}

Result<Bytes> Spaces::sign(const Grant& grant, const std::string& name, BytesView data) {
  SIGNET_TRY(check_name("key", name));
  return chip_.use([&](Chip::Mounted& on) { return on.keys.sign(grant.space, name, data); });
}

Result<bool> Spaces::verify(const Grant& grant, const std::string& name, BytesView data, BytesView signature) {
  SIGNET_TRY(check_name("key", name));
  return chip_.use([&](Chip::Mounted& on) { return on.keys.verify(grant.space, name, data, signature); });
}

Result<Bytes> Spaces::public_key(const Grant& grant, const std::string& name) {
  SIGNET_TRY(check_name("key", name));
  return chip_.use([&](Chip::Mounted& on) { return on.keys.public_key(grant.space, name); });
}

Result<void> Spaces::remove_key(const Grant& grant, const std::string& name) {
  SIGNET_TRY(check_name("key", name));
  return chip_.use(
      [&](Chip::Mounted& on) { return write(grant, 1, [&] { return on.keys.remove(grant.space, name); }); });
}

Result<std::vector<identity::KeyInfo>> Spaces::keys(const Grant& grant) {
  return chip_.use([&](Chip::Mounted& on) { return on.keys.list(grant.space); });
}

Result<std::uint64_t> Spaces::create_counter(const Grant& grant, const std::string& name) {
  SIGNET_TRY(check_name("counter", name));
  return chip_.use([&](Chip::Mounted& on) -> Result<std::uint64_t> {
    SIGNET_TRY(check_room(grant, on.store, ObjectKind::counter));
    return write(grant, 1, [&] { return on.counters.create(grant.space, name); });
  });
}

Result<std::uint64_t> Spaces::increment(const Grant& grant, const std::string& name) {
  SIGNET_TRY(check_name("counter", name));
  return chip_.use(
      [&](Chip::Mounted& on) { return write(grant, 1, [&] { return on.counters.increment(grant.space, name); }); });
}

Result<std::uint64_t> Spaces::read_counter(const Grant& grant, const std::string& name) {
  SIGNET_TRY(check_name("counter", name));
  return chip_.use([&](Chip::Mounted& on) { return on.counters.read(grant.space, name); });
}

Result<void> Spaces::remove_counter(const Grant& grant, const std::string& name) {
  SIGNET_TRY(check_name("counter", name));
  return chip_.use(
      [&](Chip::Mounted& on) { return write(grant, 1, [&] { return on.counters.remove(grant.space, name); }); });
}

Result<std::vector<identity::CounterInfo>> Spaces::counters(const Grant& grant) {
  return chip_.use([&](Chip::Mounted& on) { return on.counters.list(grant.space); });
}

Result<Bytes> Spaces::evidence(const Grant& grant, BytesView data) {
  return chip_.use([&](Chip::Mounted&) { return identity::make_evidence(*chip_.session(), grant.space, data); });
}

Result<identity::EvidenceVerdict> Spaces::verify_evidence(const Grant& grant, BytesView data, BytesView frames) {
  SIGNET_ASSIGN(const Chip::Mounted* const mounted, chip_.mounted());
  return identity::verify_evidence(chip_.session()->key(), mounted->store.facts().ueid, grant.space, data, frames);
}

bool Spaces::object_at_hand(const Grant& grant, const std::string& name) {
  const auto mounted = chip_.mounted();
  return !mounted || (*mounted)->store.cached({ObjectKind::object, grant.space, name});
}

bool Spaces::key_at_hand(const Grant& grant, const std::string& name) {
  const auto mounted = chip_.mounted();
  return !mounted || (*mounted)->keys.loaded(grant.space, name);
}

bool Spaces::counter_at_hand(const Grant& grant, const std::string& name) {
  const auto mounted = chip_.mounted();
  return !mounted || (*mounted)->store.cached({ObjectKind::counter, grant.space, name});
}

}  // namespace signet::rpmbd
