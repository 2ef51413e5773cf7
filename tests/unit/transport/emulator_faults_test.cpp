#include "rpmb/transport/emulator/faults.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "rpmb/testing/fake_chip.h"
#include "tests/unit/random_octets.h"
#include "tests/unit/transport/emulator_fixture.h"

namespace signet::rpmb {
namespace {

using testing::authentic;
using testing::code;
using testing::emulator_key;
using testing::FakeChip;
using testing::kEmulatorNonce;
using testing::keyed_chip;
using testing::pattern;
using testing::signed_write;

// ---- faults on the way to a chip ----

class Faults : public ::testing::Test {
 protected:
  Result<Frame> write(std::uint32_t counter, std::uint16_t address = 0, std::size_t frames = 1) {
    Frame response{};
    SIGNET_TRY(chip_.program(signed_write(counter, address, pattern(counter, frames)), response));
    return response;
  }
  Result<Frame> read_counter() {
    Frame response{};
    SIGNET_TRY(chip_.read(counter_request(kEmulatorNonce), std::span{&response, 1}));
    return response;
  }
  std::uint32_t counter() { return chip_.chip().state().registers.write_counter; }

  FakeChip chip_{keyed_chip()};
};

TEST_F(Faults, WithoutAPlanNothingGoesWrong) {
  auto answer = write(0);

  ASSERT_TRUE(answer);
  EXPECT_EQ(code(*answer), ResultCode::ok);
  EXPECT_TRUE(authentic(*answer));
}

TEST_F(Faults, ADroppedRequestIsAnIoErrorAndNotTaken) {
  chip_.next(Which::write, {.request = RequestFate::drop});

  auto answer = write(0);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::io);
  EXPECT_EQ(counter(), 0u);
}

TEST_F(Faults, ALostAnswerIsAnIoErrorOfARequestThatWasTaken) {
  chip_.next(Which::write, {.answer = AnswerFate::lose});

  auto answer = write(0);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::io);
  EXPECT_EQ(counter(), 1u);
}

TEST_F(Faults, AnAnswerThatComesTooLateIsATimeout) {
  chip_.next(Which::read, {.answer = AnswerFate::time_out});

  auto answer = read_counter();

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::timeout);
}

TEST_F(Faults, ABadMacSpoilsNothingButTheMac) {
  chip_.next(Which::write, {.answer = AnswerFate::bad_mac});

  auto answer = write(0);

  ASSERT_TRUE(answer);
  EXPECT_FALSE(authentic(*answer));
  EXPECT_EQ(write_counter(*answer), 1u);
  EXPECT_EQ(counter(), 1u);
}

TEST_F(Faults, AForgedSuccessOfADroppedWriteLooksRightButForItsMac) {
  chip_.next(Which::write, {.request = RequestFate::drop, .answer = AnswerFate::forge, .code = 0});

  auto answer = write(0, 5);

  ASSERT_TRUE(answer);
  EXPECT_EQ(type(*answer), 0x0300);
  EXPECT_EQ(result(*answer), 0);
  EXPECT_EQ(address(*answer), 5);
  EXPECT_EQ(write_counter(*answer), 1u);
  EXPECT_FALSE(authentic(*answer));
  EXPECT_EQ(counter(), 0u);
}

TEST_F(Faults, AForgedResultOfAReadCarriesTheNonce) {
  chip_.next(Which::read, {.answer = AnswerFate::forge, .code = 7});

  auto answer = read_counter();

  ASSERT_TRUE(answer);
  EXPECT_EQ(code(*answer), ResultCode::key_not_programmed);
  EXPECT_TRUE(std::ranges::equal(nonce(*answer), kEmulatorNonce));
}

TEST_F(Faults, AReplayedAnswerIsTheOneBefore) {
  Frame first = write(0, 1).value();
  chip_.next(Which::write, {.answer = AnswerFate::replay});

  auto answer = write(1, 2);

  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer, first);
  EXPECT_EQ(counter(), 2u);
}

TEST_F(Faults, AReplayReachesBackAsFarAsItIsTold) {
  Frame first = write(0, 1).value();
  ASSERT_TRUE(write(1, 2));
  chip_.next(Which::write, {.request = RequestFate::drop, .answer = AnswerFate::replay, .age = 2});

  auto answer = write(2, 3);

  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer, first);
  EXPECT_EQ(counter(), 2u);
}

TEST_F(Faults, AReplayWithoutAPastIsALostAnswer) {
  chip_.next(Which::write, {.answer = AnswerFate::replay});

  EXPECT_FALSE(write(0));
}

TEST_F(Faults, AWrongCounterDoesNotAuthenticate) {
  chip_.next(Which::write, {.answer = AnswerFate::wrong_counter, .counter_offset = 5});

  auto answer = write(0);

  ASSERT_TRUE(answer);
  EXPECT_EQ(write_counter(*answer), 6u);
  EXPECT_FALSE(authentic(*answer));
}

TEST_F(Faults, ARefusedRequestIsAnsweredWithAnyCodeAndNotTaken) {
  for (std::uint8_t refusal : std::initializer_list<std::uint8_t>{2, 5, 6}) {
    chip_.next(Which::write, {.request = RequestFate::refuse, .code = refusal});

    auto answer = write(0);

    ASSERT_TRUE(answer);
    EXPECT_EQ(result(*answer), refusal);
    EXPECT_TRUE(authentic(*answer));
  }
  EXPECT_EQ(counter(), 0u);
}

TEST_F(Faults, BurstsCanBeRefusedWhileSingleFramesPass) {
  chip_.plan().add({Which::burst, std::nullopt, {.request = RequestFate::refuse, .code = 2}});

  EXPECT_EQ(code(write(0, 0, 2).value()), ResultCode::authentication_failure);
  EXPECT_EQ(code(write(0, 0, 2).value()), ResultCode::authentication_failure);
  EXPECT_EQ(code(write(0, 0, 1).value()), ResultCode::ok);
}

TEST_F(Faults, TheCounterCanBeMovedToItsEnd) {
  chip_.next(Which::read, {.set_counter = 0xffff'ffff});

  auto answer = read_counter();

  ASSERT_TRUE(answer);
  EXPECT_EQ(result(*answer), kExpired);
  EXPECT_TRUE(authentic(*answer));
  EXPECT_EQ(result(write(0xffff'ffff).value()), 0x85);
}

TEST_F(Faults, ADelayComesBeforeTheRequest) {
  chip_.next(Which::write, {.delay = std::chrono::milliseconds{2}});
  auto before = std::chrono::steady_clock::now();

  ASSERT_TRUE(write(0));

  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds{2});
}

TEST_F(Faults, AHeldRequestTakesEffectBeforeTheOperationItIsReleasedAt) {
  chip_.next(Which::write, {.request = RequestFate::hold, .release_before = 3});

  EXPECT_FALSE(write(0, 4));
  EXPECT_EQ(write_counter(read_counter().value()), 0u);
  EXPECT_EQ(chip_.bus().held(), 1u);
  EXPECT_EQ(write_counter(read_counter().value()), 1u);

  EXPECT_EQ(chip_.bus().held(), 0u);
  EXPECT_EQ(chip_.chip().state().memory[4], pattern(0)[0]);
}

TEST_F(Faults, AHeldRequestIsRefusedOnceItsCounterValueIsConsumed) {
  chip_.next(Which::write, {.request = RequestFate::hold, .release_before = 3});
  EXPECT_FALSE(write(0, 4));
  ASSERT_TRUE(write(0, 9));

  ASSERT_TRUE(read_counter());

  EXPECT_EQ(counter(), 1u);
  EXPECT_EQ(chip_.chip().state().memory[4], Block{});
}

TEST_F(Faults, HeldRequestsSurviveAPowerCycleAndCanBeReleasedByHand) {
  chip_.next(Which::write, {.request = RequestFate::hold});
  EXPECT_FALSE(write(0, 4));
  chip_.power_cycle();
  EXPECT_EQ(counter(), 0u);

  ASSERT_TRUE(chip_.bus().release_held());

  EXPECT_EQ(counter(), 1u);
}

// CVE-2020-13799: a write is withheld, the host tries another, the first is released and its answer passed off as that
// of the second. The answer authenticates; only a read shows the fraud.
TEST_F(Faults, TheAnswerOfAReleasedRequestCanBePassedOffAsThatOfAnother) {
  chip_.plan().add(Which::write, 1, {.request = RequestFate::hold, .release_before = 2});
  chip_.plan().add(Which::write, 2, {.request = RequestFate::drop, .answer = AnswerFate::replay});
  EXPECT_FALSE(write(0, 4));

  Frame response{};
  ASSERT_TRUE(chip_.program(signed_write(0, 4, pattern(77)), response));

  EXPECT_EQ(
      judge(std::span<const Frame>{&response, 1}, emulator_key(), {.type = 0x0300, .address = 4, .counter_before = 0}),
      Verdict::accept);
  EXPECT_EQ(chip_.chip().state().memory[4], pattern(0)[0]);
}

TEST_F(Faults, TheHookSeesEveryOperationAndGoesBeforeThePlan) {
  std::vector<std::uint64_t> seen;
  chip_.plan().add({Which::any, std::nullopt, {.answer = AnswerFate::bad_mac}});
  chip_.bus().set_hook([&](const BusOperation& operation) {
    seen.push_back(operation.numbers[Which::any]);
    return operation.writes ? Fault{.request = RequestFate::drop} : Fault{};
  });

  EXPECT_FALSE(write(0));
  EXPECT_FALSE(authentic(read_counter().value()));

  EXPECT_EQ(seen, (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(Faults, OperationsAndFramesAreCounted) {
  ASSERT_TRUE(write(0, 0, 2));
  ASSERT_TRUE(write(1, 0, 1));
  std::array<Frame, 7> response;
  ASSERT_TRUE(chip_.read(read_request(kEmulatorNonce, 0, 0), response));

  EXPECT_EQ(chip_.counts().writes, 2u);
  EXPECT_EQ(chip_.counts().frames_written, 3u);
  EXPECT_EQ(chip_.counts().reads, 1u);
  EXPECT_EQ(chip_.counts().frames_read, 7u);
}

TEST_F(Faults, AnAbsentChipAnswersNothing) {
  chip_.set_absent(Errc::no_chip);

  EXPECT_EQ(write(0).error().code, Errc::no_chip);
  EXPECT_EQ(read_counter().error().code, Errc::no_chip);
  EXPECT_EQ(chip_.check_identity().error().code, Errc::no_chip);

  chip_.set_absent({});
  EXPECT_TRUE(write(0));
}

TEST_F(Faults, DyingBeforeTheCommitKillsTheProcess) {
  chip_.next(Which::write, {.crash = CrashPoint::before_commit});

  EXPECT_EXIT(static_cast<void>(write(0)), ::testing::KilledBySignal(SIGKILL), "");
}

TEST_F(Faults, DyingAfterTheCommitKillsTheProcess) {
  chip_.next(Which::write, {.crash = CrashPoint::after_commit});

  EXPECT_EXIT(static_cast<void>(write(0)), ::testing::KilledBySignal(SIGKILL), "");
}

// ---- the text form ----

FaultPlan parsed(std::string_view text, const OperationNumbers& now = {}) {
  auto plan = parse_faults(text, "faults", now);
  EXPECT_TRUE(plan) << to_string(plan.error());
  return plan ? *plan : FaultPlan{};
}

Fault of_write(const FaultPlan& plan, std::uint64_t number) {
  return plan.find(Which::write, false, {{number, number, 0, 0}});
}

TEST(FaultText, EveryWordMeansItsFault) {
  const std::pair<const char*, Fault> words[] = {
      {"drop", {.request = RequestFate::drop}},
      {"lose", {.answer = AnswerFate::lose}},
      {"time-out", {.answer = AnswerFate::time_out}},
      {"delay 250", {.delay = std::chrono::milliseconds{250}}},
      {"set-counter 0xfffffff0", {.set_counter = 0xffff'fff0}},
      {"hold 9", {.request = RequestFate::hold, .release_before = 9}},
      {"hold 0", {.request = RequestFate::hold}},
      {"refuse 5", {.request = RequestFate::refuse, .code = 5}},
      {"bad-mac", {.answer = AnswerFate::bad_mac}},
      {"forge 0x85", {.answer = AnswerFate::forge, .code = 0x85}},
      {"replay", {.answer = AnswerFate::replay}},
      {"replay 3", {.answer = AnswerFate::replay, .age = 3}},
      {"wrong-counter 2", {.answer = AnswerFate::wrong_counter, .counter_offset = 2}},
      {"kill before", {.crash = CrashPoint::before_commit}},
      {"kill torn-journal", {.crash = CrashPoint::torn_journal}},
      {"kill journalled", {.crash = CrashPoint::journalled}},
      {"kill half-applied", {.crash = CrashPoint::half_applied}},
      {"kill after", {.crash = CrashPoint::after_commit}},
      {"drop replay 2 delay 1",
       {.request = RequestFate::drop, .answer = AnswerFate::replay, .age = 2, .delay = std::chrono::milliseconds{1}}},
  };

  for (const auto& [text, fault] : words) {
    FaultPlan plan = parsed("write 1 " + std::string{text});

    EXPECT_EQ(of_write(plan, 1), fault) << text;
    EXPECT_EQ(of_write(plan, 2), Fault{}) << text;
  }
}

TEST(FaultText, CommentsBlankLinesAndCarriageReturnsAreSkipped) {
  FaultPlan plan = parsed("# nothing yet\r\n\r\n\t write 1 drop # but now\r\n");

  EXPECT_EQ(of_write(plan, 1).request, RequestFate::drop);
}

TEST(FaultText, APlusCountsFromNow) {
  FaultPlan plan = parsed("write +2 hold +4", {{10, 6, 4, 0}});

  EXPECT_EQ(of_write(plan, 8).release_before, 14u);
  EXPECT_EQ(of_write(plan, 2), Fault{});
}

TEST(FaultText, AStarIsEveryOperationOfItsKind) {
  FaultPlan plan = parsed("read * lose\nburst * refuse 2");

  EXPECT_EQ(plan.find(Which::read, false, {{7, 3, 4, 0}}).answer, AnswerFate::lose);
  EXPECT_EQ(plan.find(Which::write, true, {{8, 4, 4, 1}}).code, 2);
  EXPECT_EQ(plan.find(Which::write, false, {{9, 5, 4, 1}}), Fault{});
}

TEST(FaultText, TheFirstRuleThatFitsCounts) {
  FaultPlan plan = parsed("write 3 drop\nany * lose");

  EXPECT_EQ(of_write(plan, 3), (Fault{.request = RequestFate::drop}));
  EXPECT_EQ(of_write(plan, 4), (Fault{.answer = AnswerFate::lose}));
}

TEST(FaultText, AnErrorNamesFileLineAndWord) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"write 1 explode", "faults, line 1: there is no fault named 'explode'"},
      {"\n\nwrites 1 drop", "faults, line 3: 'writes' is none of any, write, read, burst"},
      {"write one drop", "faults, line 1: 'one' is not a number of an operation"},
      {"write 0 drop", "faults, line 1: operations count from 1"},
      {"write +0 drop", "faults, line 1: '+0' is not a number of an operation"},
      {"write 1", "faults, line 1: the line says no fault"},
      {"write", "faults, line 1: '' is not a number of an operation"},
      {"write 1 delay", "faults, line 1: 'delay' needs a number, not ''"},
      {"write 1 forge 256", "faults, line 1: 'forge' takes at most 255"},
      {"write 1 set-counter 0x100000000", "faults, line 1: 'set-counter' takes at most 4294967295"},
      {"write 99999999999999999999 drop", "faults, line 1: '99999999999999999999' is not a number of an operation"},
      {"write 1 kill softly",
       "faults, line 1: 'softly' is none of before, torn-journal, journalled, half-applied, after"},
  };

  for (const auto& [text, context] : mistakes) {
    auto plan = parse_faults(text, "faults");

    ASSERT_FALSE(plan) << text;
    EXPECT_EQ(plan.error().code, Errc::config_invalid) << text;
    EXPECT_EQ(plan.error().context, context);
  }
}

// Random octets, random words of its own, and damaged plans: a plan, or an error that says where.
TEST(FaultText, AnyOctetsAreAPlanOrAnErrorWithItsLine) {
  constexpr const char* kWords[] = {"any",    "write", "read",          "burst", "*",    "+1",          "1",
                                    "0x10",   "\n",    "kill",          "delay", "hold", "set-counter", "drop",
                                    "replay", "#",     "wrong-counter", "after", "lose", "forge",       "time-out"};
  RandomOctets random{4};
  for (int i = 0; i < kRandomStrings; ++i) {
    std::string words;
    for (auto count = random.below(12); count > 0; --count)
      words.append(kWords[random.below(std::size(kWords))]) += ' ';
    const auto noise = random.text(200);
    const auto damaged = random.damaged("write +3 hold 7 lose\nany * delay 10 replay 2\n");

    for (const auto& text : {noise, words, damaged}) {
      const auto plan = parse_faults(text, "faults", {{9, 5, 4, 2}});

      if (plan) continue;
      ASSERT_EQ(plan.error().code, Errc::config_invalid) << text;
      ASSERT_TRUE(plan.error().context.starts_with("faults, line ")) << plan.error().context;
    }
  }
}

}  // namespace
}  // namespace signet::rpmb
