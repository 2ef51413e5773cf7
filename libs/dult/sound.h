// The sound that a stranger, or the motion detector, has an accessory make. There is one at a time.
//
// The ringer that makes it belongs to others, too: to the owner, who rings by FMDN. It decides whose sound is heard.
// Here is who is told what became of a sound.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "dult/message.h"

namespace signet::dult {

inline constexpr Time kSoundDuration = std::chrono::seconds{12};

// Names a connection from its beginning to the call of disconnected().
using ConnectionId = std::uint64_t;

// Names a sound; never used twice, so that late news of an earlier sound are not taken for news of this one.
using SoundId = std::uint32_t;

struct Indication {
  ConnectionId to;
  Bytes value;
  bool operator==(const Indication&) const = default;
};

enum class MotionSound : std::uint8_t { refused, ended };

// What is to be done after a call, in this order.
struct Effects {
  std::optional<SoundId> stop;              // have the ringer end this sound, if it still makes it
  std::optional<SoundId> start;             // have the ringer make a sound: all components, loudest, kSoundDuration
  std::vector<Indication> indications;      // each to its connection only; one is confirmed before the next is sent
  std::optional<MotionSound> motion_sound;  // to the motion detector

  void add(Effects more);
};

class Sound {
 public:
  // Requests. A stranger's Sound_Start is answered when the ringer has spoken, or at once when there is a sound
  // already.
  Effects start(ConnectionId by, Time now);
  Effects stop(ConnectionId by);
  Effects start_for_motion(Time now);
  Effects silence();  // whatever is under way
  void disconnected(ConnectionId connection);

  // News of the ringer. Those of a sound that is not the present one are ignored.
  Effects started(SoundId id, Time now);
  Effects refused(SoundId id);     // it has something else to do, or it failed
  Effects taken_over(SoundId id);  // another source has the ringer now; ended() follows when that one has done
  Effects ended(SoundId id);       // by itself, by the button, or because it was taken over

  [[nodiscard]] bool under_way() const { return present_.has_value(); }

  // When the sound, or the patience with the ringer, ends; advance() does it.
  [[nodiscard]] std::optional<Time> deadline() const;
  Effects advance(Time now);

 private:
  enum class Stage : std::uint8_t { asked, sounding, taken_over };
  struct Present {
    SoundId id;
    std::optional<ConnectionId> starter;  // nothing: the motion detector, or a stranger who has gone
    bool for_motion;
    Stage stage = Stage::asked;
    Time until;
  };

  Effects ask(std::optional<ConnectionId> starter, bool for_motion, Time now);
  Effects conclude();
  [[nodiscard]] bool is(SoundId id) const { return present_ && present_->id == id; }

  std::optional<Present> present_;
  SoundId last_id_ = 0;
};

}  // namespace signet::dult
