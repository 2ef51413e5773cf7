// What rings, for whom and until when. A device has one sound maker, and several that want it: the owner by Beacon
// Actions, a stranger by DULT, the paired phone by the message stream, the device itself. Here is decided whose sound
// is heard; who drives the hardware follows sound().
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "fmdn/nonces.h"
#include "fmdn/ring_request.h"

namespace signet::fmdn {

// Of any clock that is steady.
using Instant = std::chrono::milliseconds;

enum class SoundSource : std::uint8_t {
  local,   // the device itself: motion, feedback. Yields to anyone.
  dult,    // a stranger who is being followed. Yields to the owner.
  stream,  // the paired phone, by the message stream
  fmdn,    // the owner, by Beacon Actions
};

struct Sound {
  SoundSource source;
  Components components = 0;
  Volume volume = Volume::usual;
  Instant until{0};
};

class Ring {
 public:
  // Gives the sound maker to `sound`, now or never. Of equal rank (owner and paired phone; the same source again) the
  // newer sound replaces the older with all its parameters, time-out included. False: another source has the sound
  // maker and keeps it. A sound of no components is none: it ends what it replaces.
  bool start(const Sound& sound);

  // A source wants silence. The owner and the paired phone end any sound, others only their own. False: a sound goes
  // on.
  bool stop(SoundSource by);

  bool press_button();       // ends any sound; false: there was none
  bool expire(Instant now);  // ends a sound whose time has come; false: none has
  void silence();            // ends any sound, and forgets who is to be told

  // What the hardware made of the last request: the components that do ring, whether a start or a stop was asked for.
  // The state to be told.
  RingState settle(Components ringing);

  // What the hardware has to do. Call expire() at its end.
  [[nodiscard]] const std::optional<Sound>& sound() const { return sound_; }
  [[nodiscard]] Components ringing(Instant now) const;
  [[nodiscard]] Deciseconds left(Instant now) const;  // never 0 while something rings

  // The sources whose sound is over since the last call, each once: that of the sound that ended, and those from which
  // it had been taken. Whoever is taken from is not told before silence returns.
  std::vector<SoundSource> take_ended();

  // The sources from which the sound maker was taken since the last call, each once. They are told of the end when
  // silence returns, see take_ended().
  std::vector<SoundSource> take_displaced();

  // Who asked last by Beacon Actions, and is told of changes: the notifications are authenticated with the nonce of
  // that request, however many reads there were since.
  struct Context {
    ConnectionId connection;
    Nonce nonce;
  };
  void set_context(const Context& context) { context_ = context; }
  void drop_context() { context_.reset(); }
  [[nodiscard]] const std::optional<Context>& context() const { return context_; }
  void disconnected(ConnectionId connection);  // the ringing goes on

 private:
  bool end();

  std::optional<Sound> sound_;
  std::optional<Sound> stopped_;  // what the last stop ended, should the hardware fail to
  bool starting_ = false;         // the last request was for a sound
  std::vector<SoundSource> displaced_;
  std::vector<SoundSource> waiting_;  // displaced, and not told of the end
  std::vector<SoundSource> ended_;
  std::optional<Context> context_;
};

}  // namespace signet::fmdn
