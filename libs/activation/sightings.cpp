#include "activation/sightings.h"

#include <algorithm>

namespace signet::activation {
namespace {

std::uint32_t highest(std::span<const CounterSighting> sightings) {
  std::uint32_t counter = 0;
  for (const CounterSighting& sighting : sightings) counter = std::max(counter, sighting.counter);
  return counter;
}

// The place of the last sighting that was below an earlier one. Only those that were found backwards are ever kept.
std::optional<std::uint64_t> last_drop(std::span<const CounterSighting> sightings) {
  std::optional<std::uint64_t> place;
  std::uint32_t before = 0;
  for (const CounterSighting& sighting : sightings) {
    if (sighting.counter < before) place = sighting.seen;
    before = std::max(before, sighting.counter);
  }
  return place;
}

// `earlier`: whether a sighting certainly came before this answer of the chip.
template <class Earlier>
CounterJudgement judge(std::span<const CounterSighting> sightings, std::uint32_t counter, Earlier earlier) {
  const auto below = [&](const CounterSighting& sighting) { return counter < sighting.counter && earlier(sighting); };
  if (std::any_of(sightings.begin(), sightings.end(), below)) {
    return {.finding = Reason::counter_backwards, .keep = true};
  }
  const std::uint32_t top = highest(sightings);
  const auto drop = last_drop(sightings);
  const bool later = std::any_of(sightings.begin(), sightings.end(), [&](const CounterSighting& sighting) {
    return drop && sighting.seen == *drop && earlier(sighting);
  });
  if (later && counter >= top) return {.finding = Reason::counter_interleaved, .keep = counter > top};
  return {.finding = {}, .keep = sightings.empty() || counter > top};
}

}  // namespace

CounterJudgement judge_counter(std::span<const CounterSighting> sightings, const Observation& observation) {
  return judge(sightings, observation.counter,
               [&](const CounterSighting& sighting) { return sighting.seen < observation.issued; });
}

CounterJudgement judge_counter(std::span<const CounterSighting> sightings, std::uint32_t counter, UnixTime iat,
                               std::chrono::seconds skew) {
  return judge(sightings, counter, [&](const CounterSighting& sighting) { return sighting.seen_at + skew < iat; });
}

}  // namespace signet::activation
