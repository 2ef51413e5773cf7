// Notices that a separated accessory travels with somebody, and says so aloud (IETF
// draft-ietf-dult-accessory-protocol, motion detector). Only for products that declare the capability.
//
//   off --separated--> waiting --8 to 24 h--> passive --motion--> first_sound --end--> active --20 s or 10 sounds--+
//                                               ^                                    (more sounds)                 |
//                                               +------------------- 6 h --------- back_off <----------------------+
//
// Near the owner it is off, from wherever it was.
#pragma once

#include <cstdint>
#include <optional>

#include "dult/message.h"
#include "dult/sound.h"

namespace signet::dult {

inline constexpr Time kMotionWaitLeast = std::chrono::hours{8};
inline constexpr Time kMotionWaitMost = std::chrono::hours{24};
inline constexpr Time kPassiveSampling = std::chrono::seconds{10};
inline constexpr Time kActiveSampling = std::chrono::milliseconds{500};
inline constexpr Time kActivePhase = std::chrono::seconds{20};  // from the end of the first sound
inline constexpr int kMostSounds = 10;
inline constexpr Time kMotionBackOff = std::chrono::hours{6};
inline constexpr double kMotionAngle = 10;  // degrees, on any two axes

// How the accessory lies, in degrees; each axis by itself, of any origin.
struct Orientation {
  double x = 0;
  double y = 0;
  double z = 0;
};

// Whether the way from one to the other is a motion.
bool turned(const Orientation& from, const Orientation& to);

class MotionDetector {
 public:
  enum class State : std::uint8_t { off, waiting, passive, first_sound, active, sound, back_off };
  enum class Todo : std::uint8_t { nothing, sample, play };

  // `random`: uniform over its range, fresh; it chooses the hours of waiting. Ignored unless off.
  void separated(Time now, std::uint32_t random);
  void near_owner() { state_ = State::off; }  // or an owner's device has connected

  // When advance() is due; nothing while off or while a sound is to end.
  [[nodiscard]] std::optional<Time> deadline() const;

  // `sample`: call sampled() with what the sensor says.
  Todo advance(Time now);

  // `play`: have the service play, and call sound() with what becomes of it.
  Todo sampled(bool moved, Time now);

  // A sound that was refused was not heard: it does not count, and the same motion may ask for the next.
  void sound(MotionSound outcome, Time now);

  [[nodiscard]] State state() const { return state_; }

 private:
  void back_off(Time now);

  State state_ = State::off;
  Time next_{};  // the end of waiting and back-off, or the next sample
  Time active_until_{};
  int sounds_ = 0;
};

}  // namespace signet::dult
