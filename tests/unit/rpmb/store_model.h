// What a store holds, or may hold after writes of unknown outcome, beside the store itself; and changes to try on it.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "store_fixture.h"

namespace signet::rpmb::testing {

using Map = std::map<ObjectName, Bytes>;
using Batch = std::vector<Change>;

inline void apply_to(Map& map, const Batch& batch) {
  for (const Change& change : batch) {
    if (change.value) {
      map[change.name] = *change.value;
    } else {
      map.erase(change.name);
    }
  }
}

// Whether the store holds exactly this map. Contents are compared by the digests that the mount took of them.
inline bool holds(Store& store, const Map& map) {
  if (store.facts().objects != map.size()) return false;
  for (const auto& [name, value] : map) {
    auto cost = store.cost(std::vector<Change>{{name, value}});
    if (!cost || *cost != 0) return false;
  }
  return true;
}

// What the chip may hold, given what the store has answered so far. An operation of unknown outcome takes effect at
// once, or before the next acknowledged one, or never.
class Model {
 public:
  explicit Model(Map map) : possible_{std::move(map)} {}

  void record(const Batch& batch, const Result<void>& outcome) {
    if (!outcome && outcome.error().code != Errc::outcome_unknown) return;  // nothing changed, and never will
    std::vector<Map> after = possible_;
    for (Map& map : after) apply_to(map, batch);
    if (!outcome) after.insert(after.end(), possible_.begin(), possible_.end());
    possible_ = std::move(after);
  }
  void interrupted(const Batch& batch) { record(batch, fail(Errc::outcome_unknown, "the host died")); }

  [[nodiscard]] bool admits(Store& store) const {
    return std::ranges::any_of(possible_, [&](const Map& map) { return holds(store, map); });
  }

 private:
  std::vector<Map> possible_;
};

// Mixed changes on a store that is kept between 85 and 95 % full.
class Workload {
 public:
  Workload(std::uint32_t slots, std::uint32_t slot_octets) : slots_{slots}, slot_octets_{slot_octets} {}

  Batch next(const Map& now, std::uint32_t used) {
    bool full = used * 100 >= slots_ * 95;
    switch (pick(10)) {
      case 0: return remove(now);
      case 1: return full ? remove(now) : Batch{{fresh(), value(3 * slot_octets_)}};
      case 2: return full ? remove(now) : several(now);
      case 3:
      case 4: return full ? remove(now) : Batch{{fresh(), value(slot_octets_)}};
      default: return Batch{{existing(now), value(slot_octets_)}};
    }
  }
  Batch fill() { return {{fresh(), value(slot_octets_)}}; }

 private:
  std::uint32_t pick(std::uint32_t n) { return static_cast<std::uint32_t>(engine_() % n); }
  Bytes value(std::uint32_t around) {
    return content(around / 4 + pick(around / 2), static_cast<std::uint8_t>(engine_()));
  }
  ObjectName fresh() { return object("o" + std::to_string(++names_)); }
  ObjectName existing(const Map& now) {
    return now.empty()
               ? fresh()
               : std::next(now.begin(), static_cast<std::ptrdiff_t>(pick(static_cast<std::uint32_t>(now.size()))))
                     ->first;
  }
  Batch remove(const Map& now) { return {{existing(now), std::nullopt}}; }
  Batch several(const Map& now) {
    Batch batch{{fresh(), value(64)}, {fresh(), value(64)}, {existing(now), value(64)}};
    ObjectName gone = existing(now);
    if (gone != batch[2].name) batch.push_back({gone, std::nullopt});
    return batch;
  }

  std::uint32_t slots_;
  std::uint32_t slot_octets_;
  std::uint32_t names_ = 0;
  std::mt19937 engine_{7};
};

}  // namespace signet::rpmb::testing
