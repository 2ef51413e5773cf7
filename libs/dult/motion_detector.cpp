#include "dult/motion_detector.h"

#include <algorithm>
#include <cmath>

namespace signet::dult {
namespace {

// The lesser way round.
double angle_between(double a, double b) { return std::abs(std::remainder(a - b, 360.0)); }

}  // namespace

bool turned(const Orientation& from, const Orientation& to) {
  int axes = 0;
  for (double angle : {angle_between(from.x, to.x), angle_between(from.y, to.y), angle_between(from.z, to.z)}) {
    if (angle >= kMotionAngle) ++axes;
  }
  return axes >= 2;
}

void MotionDetector::separated(Time now, std::uint32_t random) {
  if (state_ != State::off) return;
  constexpr auto kRange = static_cast<std::uint64_t>((kMotionWaitMost - kMotionWaitLeast).count());
  state_ = State::waiting;
  next_ = now + kMotionWaitLeast + Time{static_cast<Time::rep>((kRange + 1) * random >> 32)};
}

std::optional<Time> MotionDetector::deadline() const {
  switch (state_) {
    case State::off:
    case State::first_sound: return std::nullopt;
    case State::waiting:
    case State::passive:
    case State::back_off: return next_;
    case State::active: return std::min(next_, active_until_);
    case State::sound: return active_until_;
  }
  return std::nullopt;
}

MotionDetector::Todo MotionDetector::advance(Time now) {
  const auto due = deadline();
  if (!due || now < *due) return Todo::nothing;
  switch (state_) {
    case State::waiting:
    case State::back_off:
      state_ = State::passive;
      sounds_ = 0;
      next_ = now + kPassiveSampling;
      return Todo::nothing;
    case State::active:
    case State::sound:
      if (now >= active_until_) {
        back_off(now);
        return Todo::nothing;
      }
      next_ = now + kActiveSampling;
      return Todo::sample;
    default: next_ = now + kPassiveSampling; return Todo::sample;
  }
}

MotionDetector::Todo MotionDetector::sampled(bool moved, Time now) {
  if (!moved) return Todo::nothing;
  if (state_ == State::active && now >= active_until_) return Todo::nothing;  // advance() ends the phase
  if (state_ == State::passive) {
    state_ = State::first_sound;
  } else if (state_ == State::active) {
    state_ = State::sound;
  } else {
    return Todo::nothing;
  }
  return Todo::play;
}

void MotionDetector::sound(MotionSound outcome, Time now) {
  const bool first = state_ == State::first_sound;
  if (!first && state_ != State::sound) return;
  if (outcome == MotionSound::refused) {
    state_ = first ? State::passive : State::active;
    next_ = now + (first ? kPassiveSampling : kActiveSampling);
    return;
  }
  if (++sounds_ == kMostSounds) return back_off(now);
  if (first) active_until_ = now + kActivePhase;
  state_ = State::active;
  next_ = now + kActiveSampling;
}

void MotionDetector::back_off(Time now) {
  state_ = State::back_off;
  next_ = now + kMotionBackOff;
}

}  // namespace signet::dult
