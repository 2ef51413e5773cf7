#include "fmdn/ring.h"

#include <algorithm>
#include <utility>

namespace signet::fmdn {
namespace {

int rank(SoundSource source) {
  switch (source) {
    case SoundSource::local: return 0;
    case SoundSource::dult: return 1;
    case SoundSource::stream:
    case SoundSource::fmdn: return 2;
  }
  return 0;
}

void add_once(std::vector<SoundSource>& sources, SoundSource source) {
  if (std::ranges::find(sources, source) == sources.end()) sources.push_back(source);
}

}  // namespace

bool Ring::start(const Sound& sound) {
  if (sound_ && rank(sound_->source) > rank(sound.source)) return false;
  starting_ = true;
  stopped_.reset();
  if (sound.components == 0) {
    end();
    return true;
  }
  if (sound_ && sound_->source != sound.source) {
    add_once(displaced_, sound_->source);
    add_once(waiting_, sound_->source);
  }
  std::erase(waiting_, sound.source);  // it has its sound again
  sound_ = sound;
  return true;
}

bool Ring::stop(SoundSource by) {
  if (sound_ && sound_->source != by && rank(by) < rank(SoundSource::stream)) return false;
  starting_ = false;
  stopped_ = sound_;
  end();
  return true;
}

bool Ring::press_button() { return end(); }

bool Ring::expire(Instant now) { return sound_ && now >= sound_->until && end(); }

void Ring::silence() {
  end();
  stopped_.reset();
  drop_context();
}

RingState Ring::settle(Components ringing) {
  if (starting_) {
    if (!sound_) return RingState::failed;
    sound_->components = ringing;
    if (ringing == 0) end();
    return ringing == 0 ? RingState::failed : RingState::started;
  }
  sound_ = std::exchange(stopped_, std::nullopt);
  if (ringing == 0) sound_.reset();
  if (!sound_) return RingState::requested;
  sound_->components = ringing;
  std::erase(ended_, sound_->source);
  return RingState::failed;
}

Components Ring::ringing(Instant now) const {
  return sound_ && now < sound_->until ? sound_->components : Components{};
}

Deciseconds Ring::left(Instant now) const {
  if (ringing(now) == 0) return Deciseconds{0};
  using Wide = std::chrono::duration<std::int64_t, std::deci>;
  const Wide left = std::min(std::chrono::ceil<Wide>(sound_->until - now), Wide{UINT16_MAX});
  return std::chrono::duration_cast<Deciseconds>(left);
}

std::vector<SoundSource> Ring::take_ended() { return std::exchange(ended_, {}); }

std::vector<SoundSource> Ring::take_displaced() { return std::exchange(displaced_, {}); }

void Ring::disconnected(ConnectionId connection) {
  if (context_ && context_->connection == connection) context_.reset();
}

bool Ring::end() {
  if (!sound_) return false;
  add_once(ended_, sound_->source);
  for (const SoundSource source : std::exchange(waiting_, {})) add_once(ended_, source);
  sound_.reset();
  return true;
}

}  // namespace signet::fmdn
