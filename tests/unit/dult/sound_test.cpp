#include "dult/sound.h"

#include <gtest/gtest.h>

#include <map>

#include "base/hex.h"
#include "tests/unit/random_octets.h"

namespace signet::dult {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr ConnectionId kPhone = 1;
constexpr ConnectionId kOther = 2;
constexpr Time kStart{5000};

const Effects kNothing;

const Bytes kStarted = command_response(0x0300, Status::success);
const Bytes kNotStarted = command_response(0x0300, Status::invalid_state);
const Bytes kNotStopped = command_response(0x0301, Status::invalid_state);
const Bytes kCompleted = message(Opcode::sound_completed);

void expect(const Effects& actual, const Effects& expected) {
  EXPECT_EQ(actual.stop, expected.stop);
  EXPECT_EQ(actual.start, expected.start);
  EXPECT_EQ(actual.motion_sound, expected.motion_sound);
  ASSERT_EQ(actual.indications.size(), expected.indications.size());
  for (std::size_t i = 0; i < actual.indications.size(); ++i) {
    EXPECT_EQ(actual.indications[i].to, expected.indications[i].to);
    EXPECT_EQ(to_hex(actual.indications[i].value), to_hex(expected.indications[i].value));
  }
}

SoundId begin(Sound& sound, ConnectionId by = kPhone, Time now = kStart) {
  const Effects asked = sound.start(by, now);
  EXPECT_TRUE(asked.start);
  const SoundId id = asked.start.value_or(0);
  expect(sound.started(id, now), {.indications = {{by, kStarted}}});
  return id;
}

TEST(Sound, EndsAfterTwelveSecondsFromItsRealStart) {
  Sound sound;
  const SoundId id = sound.start(kPhone, kStart).start.value_or(0);
  sound.started(id, kStart + seconds{2});

  EXPECT_EQ(sound.deadline(), kStart + seconds{14});
  expect(sound.advance(kStart + seconds{14} - milliseconds{1}), kNothing);
  expect(sound.advance(kStart + seconds{14}), {.stop = id, .indications = {{kPhone, kCompleted}}});
  EXPECT_FALSE(sound.under_way());
  EXPECT_EQ(sound.deadline(), std::nullopt);
}

TEST(Sound, IsCompletedOnceWhoeverEndsItFirst) {
  Sound sound;
  const SoundId id = begin(sound);

  expect(sound.ended(id), {.indications = {{kPhone, kCompleted}}});  // the button, or the ringer's own time
  expect(sound.ended(id), kNothing);
  expect(sound.advance(kStart + seconds{60}), kNothing);
  expect(sound.stop(kPhone), {.indications = {{kPhone, kNotStopped}}});
}

TEST(Sound, IsStoppedByItsStarter) {
  Sound sound;
  const SoundId id = begin(sound);

  expect(sound.stop(kPhone), {.stop = id, .indications = {{kPhone, kCompleted}}});
  expect(sound.stop(kPhone), {.indications = {{kPhone, kNotStopped}}});
}

TEST(Sound, IsNotStoppedByAnother) {
  Sound sound;
  begin(sound);

  expect(sound.stop(kOther), {.indications = {{kOther, kNotStopped}}});
  EXPECT_TRUE(sound.under_way());
}

TEST(Sound, ThatDoesNotExistIsNotStopped) {
  Sound sound;

  expect(sound.stop(kPhone), {.indications = {{kPhone, kNotStopped}}});
}

TEST(Sound, IsNotStartedTwiceFromWhicheverConnection) {
  Sound sound;
  begin(sound);

  expect(sound.start(kPhone, kStart), {.indications = {{kPhone, kNotStarted}}});
  expect(sound.start(kOther, kStart), {.indications = {{kOther, kNotStarted}}});
  EXPECT_EQ(sound.deadline(), kStart + kSoundDuration);
}

TEST(Sound, IsNeitherStartedNorStoppedWhileTheRingerHasNotSpoken) {
  Sound sound;
  const SoundId id = sound.start(kPhone, kStart).start.value_or(0);

  expect(sound.start(kOther, kStart), {.indications = {{kOther, kNotStarted}}});
  expect(sound.stop(kPhone), {.indications = {{kPhone, kNotStopped}}});
  expect(sound.started(id, kStart), {.indications = {{kPhone, kStarted}}});
}

TEST(Sound, IsRefusedWhenTheRingerKeepsTheOwnersRing) {
  Sound sound;
  const SoundId id = sound.start(kPhone, kStart).start.value_or(0);

  expect(sound.refused(id), {.indications = {{kPhone, kNotStarted}}});
  EXPECT_FALSE(sound.under_way());
}

TEST(Sound, IsRefusedWhenAnotherSourceIsFasterOrTheRingerEndsItUnheard) {
  Sound sound;
  const SoundId first = sound.start(kPhone, kStart).start.value_or(0);
  expect(sound.taken_over(first), {.indications = {{kPhone, kNotStarted}}});

  const SoundId second = sound.start(kPhone, kStart).start.value_or(0);
  expect(sound.ended(second), {.indications = {{kPhone, kNotStarted}}});
}

TEST(Sound, OfARingerThatNeverSpeaksIsGivenUp) {
  Sound sound;
  const SoundId id = sound.start(kPhone, kStart).start.value_or(0);

  expect(sound.advance(kStart + seconds{11}), kNothing);
  expect(sound.advance(kStart + seconds{12}), {.stop = id, .indications = {{kPhone, kNotStarted}}});
  expect(sound.started(id, kStart + seconds{13}), kNothing);
}

TEST(Sound, AnnouncedTwiceIsAnsweredOnce) {
  Sound sound;
  const SoundId id = begin(sound);

  expect(sound.started(id, kStart + seconds{5}), kNothing);
  expect(sound.refused(id), kNothing);
  EXPECT_EQ(sound.deadline(), kStart + kSoundDuration);
}

TEST(Sound, ThatWasTakenOverIsCompletedWhenTheTakeoverEnds) {
  Sound sound;
  const SoundId id = begin(sound);

  expect(sound.taken_over(id), kNothing);
  EXPECT_EQ(sound.deadline(), std::nullopt);
  expect(sound.advance(kStart + std::chrono::hours{1}), kNothing);
  expect(sound.ended(id), {.indications = {{kPhone, kCompleted}}});
}

TEST(Sound, ThatWasTakenOverIsNeitherStoppedNorStartedAnew) {
  Sound sound;
  const SoundId id = begin(sound);
  sound.taken_over(id);

  expect(sound.stop(kPhone), {.indications = {{kPhone, kNotStopped}}});
  expect(sound.start(kPhone, kStart), {.indications = {{kPhone, kNotStarted}}});
}

TEST(Sound, SilencedWhileTakenOverLeavesTheRingerToTheOther) {
  Sound sound;
  const SoundId id = begin(sound);
  sound.taken_over(id);

  expect(sound.silence(), {.indications = {{kPhone, kCompleted}}});
}

TEST(Sound, RunsOnWhenItsStarterDisconnectsAndNobodyIsTold) {
  Sound sound;
  const SoundId id = begin(sound);

  sound.disconnected(kPhone);

  EXPECT_TRUE(sound.under_way());
  expect(sound.start(kOther, kStart), {.indications = {{kOther, kNotStarted}}});
  expect(sound.stop(kOther), {.indications = {{kOther, kNotStopped}}});
  expect(sound.advance(kStart + kSoundDuration), {.stop = id});
}

TEST(Sound, RunsOnWhenAnotherConnectionEnds) {
  Sound sound;
  const SoundId id = begin(sound);

  sound.disconnected(kOther);

  expect(sound.stop(kPhone), {.stop = id, .indications = {{kPhone, kCompleted}}});
}

TEST(Sound, WhoseStarterLeftBeforeTheRingerSpokeStartsUnanswered) {
  Sound sound;
  const SoundId id = sound.start(kPhone, kStart).start.value_or(0);
  sound.disconnected(kPhone);

  expect(sound.started(id, kStart), kNothing);
  expect(sound.advance(kStart + kSoundDuration), {.stop = id});
}

TEST(Sound, LateNewsOfAnEarlierSoundDoNotTouchThePresentOne) {
  Sound sound;
  const SoundId first = begin(sound);
  sound.stop(kPhone);
  const SoundId second = begin(sound, kOther);

  ASSERT_NE(first, second);
  expect(sound.ended(first), kNothing);
  expect(sound.taken_over(first), kNothing);
  expect(sound.stop(kOther), {.stop = second, .indications = {{kOther, kCompleted}}});
}

TEST(Sound, OfTheMotionDetectorEndsWithoutAnIndication) {
  Sound sound;
  const SoundId id = sound.start_for_motion(kStart).start.value_or(0);
  expect(sound.started(id, kStart), kNothing);

  Effects expected;
  expected.stop = id;
  expected.motion_sound = MotionSound::ended;
  expect(sound.advance(kStart + kSoundDuration), expected);
}

TEST(Sound, OfTheMotionDetectorIsRefusedBesideAStrangers) {
  Sound sound;
  begin(sound);

  Effects expected;
  expected.motion_sound = MotionSound::refused;
  expect(sound.start_for_motion(kStart), expected);
  EXPECT_EQ(sound.deadline(), kStart + kSoundDuration);
}

TEST(Sound, OfTheMotionDetectorThatTheRingerRefusesIsNotHeard) {
  Sound sound;
  const SoundId id = sound.start_for_motion(kStart).start.value_or(0);

  Effects expected;
  expected.motion_sound = MotionSound::refused;
  expect(sound.refused(id), expected);
}

// Whatever happens: who is told of a start is told of the end, once, unless it has gone; and nobody else is.
TEST(Sound, EveryAnnouncedStartHasOneCompletion) {
  RandomOctets random{1};
  Sound sound;
  Time now{0};
  SoundId last = 0;
  std::map<ConnectionId, int> open;
  for (int i = 0; i < 20 * kRandomStrings; ++i) {
    const ConnectionId connection = random.below(3);
    const auto id = static_cast<SoundId>(last - random.below(2));
    now += seconds{random.below(6)};
    Effects effects;
    switch (random.below(10)) {
      case 0: effects = sound.start(connection, now); break;
      case 1: effects = sound.stop(connection); break;
      case 2: effects = sound.started(last, now); break;
      case 3: effects = sound.taken_over(id); break;
      case 4: effects = sound.ended(id); break;
      case 5: effects = sound.refused(id); break;
      case 6: effects = sound.start_for_motion(now); break;
      case 7:
        sound.disconnected(connection);
        open[connection] = 0;
        break;
      case 8: effects = random.below(50) == 0 ? sound.silence() : Effects{}; break;
      default: effects = sound.advance(now);
    }
    if (effects.start) last = *effects.start;
    for (const Indication& indication : effects.indications) {
      if (indication.value == kStarted) ++open[indication.to];
      if (indication.value == kCompleted) --open[indication.to];
    }
    int all = 0;
    for (const auto& [who, count] : open) {
      ASSERT_GE(count, 0) << who;
      all += count;
    }
    ASSERT_LE(all, sound.under_way() ? 1 : 0);
  }
}

}  // namespace
}  // namespace signet::dult
