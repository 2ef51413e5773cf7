#include "identity/counters.h"

#include "base/endian.h"

namespace signet::identity {
namespace {

rpmb::ObjectName object(const std::string& space, const std::string& name) {
  return {rpmb::ObjectKind::counter, space, name};
}

Failure missing(const std::string& space, const std::string& name) {
  return fail(Errc::not_found, "no counter '" + name + "' in namespace '" + space + "'");
}

Result<void> write(rpmb::Store& store, rpmb::ObjectName name, std::uint64_t value) {
  Bytes octets(sizeof value);
  store_be(octets, 0, value);
  rpmb::Change change{std::move(name), std::move(octets)};
  return store.apply({&change, 1});
}

}  // namespace

Result<std::uint64_t> Counters::create(const std::string& space, const std::string& name) {
  if (store_.contains(object(space, name))) {
    return fail(Errc::already_exists, "there is a counter '" + name + "' already in namespace '" + space + "'");
  }
  std::optional<std::uint32_t> start = session_.counter();
  if (!start) {
    SIGNET_ASSIGN(start, session_.read_counter());
  }
  SIGNET_TRY(write(store_, object(space, name), *start));
  return *start;
}

Result<std::uint64_t> Counters::increment(const std::string& space, const std::string& name) {
  SIGNET_ASSIGN(std::uint64_t value, read(space, name));
  ++value;  // cannot wrap: it follows the chip's 32-bit counter
  SIGNET_TRY(write(store_, object(space, name), value));
  return value;
}

Result<std::uint64_t> Counters::read(const std::string& space, const std::string& name) {
  if (!store_.contains(object(space, name))) return missing(space, name);
  SIGNET_ASSIGN(Bytes octets, store_.get(object(space, name)));
  if (octets.size() != sizeof(std::uint64_t)) {
    return fail(Errc::damaged, "counter " + name + " holds " + std::to_string(octets.size()) + " octets instead of 8");
  }
  return load_be<std::uint64_t>(octets, 0);
}

Result<void> Counters::remove(const std::string& space, const std::string& name) {
  if (!store_.contains(object(space, name))) return missing(space, name);
  rpmb::Change change{object(space, name), std::nullopt};
  return store_.apply({&change, 1});
}

Result<std::vector<CounterInfo>> Counters::list(const std::string& space) {
  std::vector<CounterInfo> counters;
  for (const rpmb::ObjectInfo& info : store_.list(rpmb::ObjectKind::counter, space)) {
    SIGNET_ASSIGN(std::uint64_t value, read(space, info.name.name));
    counters.push_back({info.name.name, value});
  }
  return counters;
}

}  // namespace signet::identity
