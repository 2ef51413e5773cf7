#include "dult/sound.h"

#include <iterator>

namespace signet::dult {
namespace {

Effects answer(ConnectionId to, Opcode request, Status status) {
  Effects effects;
  effects.indications.push_back({to, command_response(static_cast<std::uint16_t>(request), status)});
  return effects;
}

}  // namespace

void Effects::add(Effects more) {
  if (more.stop) stop = more.stop;
  if (more.start) start = more.start;
  if (more.motion_sound) motion_sound = more.motion_sound;
  indications.insert(indications.end(), std::make_move_iterator(more.indications.begin()),
                     std::make_move_iterator(more.indications.end()));
}

Effects Sound::start(ConnectionId by, Time now) {
  if (present_) return answer(by, Opcode::sound_start, Status::invalid_state);
  return ask(by, false, now);
}

Effects Sound::start_for_motion(Time now) {
  if (!present_) return ask(std::nullopt, true, now);
  Effects effects;
  effects.motion_sound = MotionSound::refused;
  return effects;
}

Effects Sound::ask(std::optional<ConnectionId> starter, bool for_motion, Time now) {
  present_ = Present{.id = ++last_id_, .starter = starter, .for_motion = for_motion, .until = now + kSoundDuration};
  Effects effects;
  effects.start = present_->id;
  return effects;
}

// A sound that was taken over is not the starter's to stop: what is heard is another's.
Effects Sound::stop(ConnectionId by) {
  if (!present_ || present_->starter != by || present_->stage != Stage::sounding) {
    return answer(by, Opcode::sound_stop, Status::invalid_state);
  }
  return silence();
}

Effects Sound::silence() {
  if (!present_) return {};
  const bool ours = present_->stage != Stage::taken_over;
  const SoundId id = present_->id;
  Effects effects = conclude();
  if (ours) effects.stop = id;
  return effects;
}

void Sound::disconnected(ConnectionId connection) {
  if (present_ && present_->starter == connection) present_->starter.reset();
}

Effects Sound::started(SoundId id, Time now) {
  if (!is(id) || present_->stage != Stage::asked) return {};
  present_->stage = Stage::sounding;
  present_->until = now + kSoundDuration;
  if (!present_->starter) return {};
  return answer(*present_->starter, Opcode::sound_start, Status::success);
}

Effects Sound::refused(SoundId id) {
  if (!is(id) || present_->stage != Stage::asked) return {};
  return conclude();
}

Effects Sound::taken_over(SoundId id) {
  if (!is(id)) return {};
  if (present_->stage == Stage::asked) return conclude();  // it was never heard
  present_->stage = Stage::taken_over;
  return {};
}

Effects Sound::ended(SoundId id) {
  if (!is(id)) return {};
  return conclude();
}

// Tells the starter. A sound that never began was refused, whoever ended it.
Effects Sound::conclude() {
  const Present past = *present_;
  present_.reset();
  const bool heard = past.stage != Stage::asked;
  Effects effects;
  if (past.for_motion) effects.motion_sound = heard ? MotionSound::ended : MotionSound::refused;
  if (!past.starter) return effects;
  if (!heard) return answer(*past.starter, Opcode::sound_start, Status::invalid_state);
  effects.indications.push_back({*past.starter, message(Opcode::sound_completed)});
  return effects;
}

std::optional<Time> Sound::deadline() const {
  if (!present_ || present_->stage == Stage::taken_over) return std::nullopt;
  return present_->until;
}

Effects Sound::advance(Time now) {
  const auto end = deadline();
  if (!end || now < *end) return {};
  return silence();
}

}  // namespace signet::dult
