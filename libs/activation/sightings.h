// What the write counters of a device's tickets say of it: a chip counts up, and no copy of it counts along.
#pragma once

#include <optional>
#include <span>

#include "activation/policy.h"
#include "activation/records.h"

namespace signet::activation {

// A counter in a ticket that has been verified. The order of events is the store's own, so that no clock matters.
struct Observation {
  std::uint32_t counter = 0;
  std::uint64_t issued = 0;  // when its nonce was: the chip answered after that
};

struct CounterJudgement {
  std::optional<Reason> finding;
  bool keep = false;  // it is worth a sighting
};

// Below a counter that had been seen before this nonce was issued: counter_backwards. A lower counter under a nonce
// that was open at the same time says nothing: the chip may have answered it first. At or above the highest, after a
// lower one was found: counter_interleaved. `sightings`: ascending by `seen`.
CounterJudgement judge_counter(std::span<const CounterSighting> sightings, const Observation& observation);

// The same for a bearer ticket, whose nonce is the device's own: it counts as answered at `iat`, so that counters seen
// more than `skew` before that are the ones it must not fall below.
CounterJudgement judge_counter(std::span<const CounterSighting> sightings, std::uint32_t counter, UnixTime iat,
                               std::chrono::seconds skew);

}  // namespace signet::activation
