// What a session believes and what it does not: the rules of rpmb/session.h, fault by fault.

#include "rpmb/session.h"

#include "store_fixture.h"

namespace signet::rpmb::testing {
namespace {

class SessionTest : public ::testing::Test {
 protected:
  void SetUp() override { chip_.program_key(kChipKey); }

  // Past the fence, so that the next write is on its own.
  void raise_fence() {
    ASSERT_EQ(session_.write(100, std::vector<Block>(2)), Written::taken);
    chip_.reset_counts();
  }
  static std::vector<Block> blocks(std::uint8_t fill, std::size_t count = 2) {
    std::vector<Block> result(count);
    for (Block& block : result) block.fill(fill);
    return result;
  }
  Block stored(std::uint16_t address) { return chip_.snapshot().memory[address]; }

  FakeChip chip_{1, 2};
  FixedRandom random_;
  Session session_{chip_, chip_key(), random_};
};

TEST_F(SessionTest, ReadsTheCounterWithAFreshNonceEachTime) {
  std::vector<Nonce> nonces;
  chip_.bus().set_hook([&](const BusOperation& operation) {
    Nonce seen;
    std::ranges::copy(nonce(operation.request.front()), seen.begin());
    nonces.push_back(seen);
    return Fault{};
  });

  EXPECT_EQ(session_.read_counter(), 0U);
  EXPECT_EQ(session_.read_counter(), 0U);

  ASSERT_EQ(nonces.size(), 2U);
  EXPECT_NE(nonces[0], nonces[1]);
}

TEST_F(SessionTest, RepeatsAReadThatFailedAndOneThatDoesNotAuthenticate) {
  chip_.plan().add(Which::any, 1, {.answer = AnswerFate::lose});
  chip_.plan().add(Which::any, 2, {.answer = AnswerFate::bad_mac});

  EXPECT_EQ(session_.read_counter(), 0U);
  EXPECT_EQ(session_.stats().retries, 2U);
}

TEST_F(SessionTest, GivesUpReadingAfterThreeTries) {
  chip_.plan().add({.which = Which::read, .fault = {.answer = AnswerFate::lose}});

  EXPECT_THAT(session_.read_counter(), FailsWith(Errc::io));
  EXPECT_EQ(chip_.counts().reads, 3U);
}

TEST_F(SessionTest, ANewSessionThatCannotAuthenticateNamesTheKey) {
  Key other{std::span<const std::uint8_t, kKeySize>{ChipKey{1}}};
  Session session{chip_, other, random_};

  EXPECT_THAT(session.read_counter(), FailsWith(Errc::wrong_key));
}

TEST_F(SessionTest, AfterAnyAuthenticAnswerBadOnesAreNotBlamedOnTheKey) {
  ASSERT_THAT(session_.read_counter(), Succeeds());
  chip_.plan().add({.which = Which::read, .fault = {.answer = AnswerFate::bad_mac}});

  EXPECT_THAT(session_.read_counter(), FailsWith(Errc::not_authentic));
}

TEST_F(SessionTest, AChipWithoutAKeyIsNotProvisioned) {
  FakeChip blank;
  Session session{blank, chip_key(), random_};

  EXPECT_THAT(session.read_counter(), FailsWith(Errc::not_provisioned));
}

TEST_F(SessionTest, AForgedNotProvisionedIsNotBelievedOnceTheKeyHasProven) {
  ASSERT_THAT(session_.read_counter(), Succeeds());
  chip_.plan().add({.which = Which::read, .fault = {.answer = AnswerFate::forge, .code = 7}});

  EXPECT_THAT(session_.read_counter(), FailsWith(Errc::not_authentic));
}

TEST_F(SessionTest, AChipThatWasExchangedIsNamed) {
  ASSERT_THAT(session_.read_counter(), Succeeds());
  chip_.set_absent(Errc::chip_changed);

  EXPECT_THAT(session_.read_counter(), FailsWith(Errc::chip_changed));
}

TEST_F(SessionTest, AWriteIsOneOperationOnceTheFenceIsUp) {
  raise_fence();

  EXPECT_EQ(session_.write(8, blocks(5)), Written::taken);

  EXPECT_EQ(chip_.counts().writes, 1U);
  EXPECT_EQ(chip_.counts().reads, 0U);
  EXPECT_EQ(stored(9), blocks(5)[1]);
}

TEST_F(SessionTest, ResendsTheSameOctetsUntilTheChipHasTakenThem) {
  raise_fence();
  std::vector<std::vector<Frame>> sent;
  chip_.bus().set_hook([&](const BusOperation& operation) {
    if (!operation.writes) return Fault{};
    sent.emplace_back(operation.request.begin(), operation.request.end());
    return sent.size() < 3 ? Fault{.request = RequestFate::drop} : Fault{};
  });

  EXPECT_EQ(session_.write(8, blocks(5)), Written::taken);

  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[0], sent[1]);
  EXPECT_EQ(sent[0], sent[2]);
}

TEST_F(SessionTest, ALostAnswerIsSettledByCounterAndReadBack) {
  raise_fence();
  chip_.next(Which::write, {.answer = AnswerFate::lose});

  EXPECT_EQ(session_.write(8, blocks(5)), Written::taken);

  EXPECT_EQ(chip_.counts().writes, 1U);
  EXPECT_EQ(chip_.counts().reads, 2U);
}

TEST_F(SessionTest, AResentWriteIsReadBackAndThatEndsTheDoubt) {
  raise_fence();
  chip_.next(Which::write, {.request = RequestFate::drop});

  ASSERT_EQ(session_.write(8, blocks(5)), Written::taken);
  EXPECT_EQ(chip_.counts().reads, 2U);  // counter, then the blocks

  chip_.reset_counts();
  EXPECT_EQ(session_.write(10, blocks(6)), Written::taken);
  EXPECT_EQ(chip_.counts().reads, 0U);
}

TEST_F(SessionTest, AWriteThatNobodyAnswersIsUnknownAndBlocksOthers) {
  raise_fence();
  chip_.plan().add({.which = Which::write, .fault = {.request = RequestFate::drop}});

  EXPECT_THAT(session_.write(8, blocks(5)), FailsWith(Errc::outcome_unknown));
  EXPECT_TRUE(session_.unsettled());
  EXPECT_THAT(session_.write(10, blocks(6)), FailsWith(Errc::busy));

  chip_.plan().clear();
  EXPECT_EQ(session_.settle(), Written::taken);
  EXPECT_EQ(stored(8), blocks(5)[0]);
  EXPECT_EQ(session_.write(10, blocks(6)), Written::taken);
}

TEST_F(SessionTest, AnOlderWriteThatWasHeldBackAndReleasedIsToldFromOurs) {
  ASSERT_THAT(session_.read_counter(), Succeeds());
  Session before{chip_, chip_key(), random_};  // an earlier run of the daemon, cut off in its write
  chip_.plan().add({.which = Which::write, .fault = {.request = RequestFate::hold}});
  ASSERT_THAT(before.write(20, blocks(9)), FailsWith(Errc::outcome_unknown));
  chip_.plan().clear();

  Session now{chip_, chip_key(), random_};
  ASSERT_THAT(now.read_counter(), Succeeds());
  ASSERT_THAT(chip_.bus().release_held(), Succeeds());

  EXPECT_EQ(now.write(8, blocks(5)), Written::superseded);
  EXPECT_EQ(stored(20), blocks(9)[0]);
  EXPECT_EQ(now.write(8, blocks(5)), Written::taken);
}

TEST_F(SessionTest, TheAnswerOfAnOlderWriteToTheSamePlaceIsNotTakenForOurs) {
  Session before{chip_, chip_key(), random_};
  chip_.plan().add({.which = Which::write, .fault = {.request = RequestFate::hold}});
  ASSERT_THAT(before.write(8, blocks(9)), FailsWith(Errc::outcome_unknown));
  chip_.plan().clear();
  Session now{chip_, chip_key(), random_};
  ASSERT_THAT(now.read_counter(), Succeeds());
  ASSERT_THAT(chip_.bus().release_held(), Succeeds());
  chip_.next(Which::write, {.request = RequestFate::drop, .answer = AnswerFate::replay});

  EXPECT_EQ(now.write(8, blocks(5)), Written::superseded);
}

TEST_F(SessionTest, ACounterThatJumpsMeansAnotherWriter) {
  raise_fence();
  chip_.chip().set_write_counter(40);

  EXPECT_THAT(session_.write(8, blocks(5)), FailsWith(Errc::foreign_writer));
  EXPECT_FALSE(session_.unsettled());
}

TEST_F(SessionTest, ACounterThatGoesBackIsARollback) {
  raise_fence();
  chip_.chip().set_write_counter(0);

  EXPECT_THAT(session_.write(8, blocks(5)), FailsWith(Errc::rollback));
}

TEST_F(SessionTest, ARefusedFrameCountIsNamedAndKeepsTheKeyInGoodStanding) {
  ChipState state = blank_chip(1, 1);
  state.dialect = Dialect::qemu;
  state.registers.key = kChipKey;
  FakeChip one_frame{std::move(state)};
  Session session{one_frame, chip_key(), random_};

  EXPECT_THAT(session.write(8, blocks(5)), FailsWith(Errc::outcome_unknown));
  EXPECT_EQ(session.refusal(), Errc::unsupported);

  session.abandon();
  EXPECT_EQ(session.write(8, blocks(5, 1)), Written::taken);
}

TEST_F(SessionTest, WhatTheChipRefusesIsTriedTwiceAndNamed) {
  const std::pair<std::uint8_t, Errc> rows[] = {{1, Errc::unsupported}, {4, Errc::geometry}, {5, Errc::media}};
  for (auto [code, errc] : rows) {
    FakeChip chip{1, 2};
    chip.program_key(kChipKey);
    chip.plan().add({.which = Which::write, .fault = {.request = RequestFate::refuse, .code = code}});
    Session session{chip, chip_key(), random_};

    EXPECT_THAT(session.write(8, blocks(5)), FailsWith(Errc::outcome_unknown));

    EXPECT_EQ(session.refusal(), errc);
    EXPECT_EQ(chip.counts().writes, 2U);
  }
}

TEST_F(SessionTest, AForgedRefusalNamesNothing) {
  raise_fence();
  chip_.plan().add(
      {.which = Which::write, .fault = {.request = RequestFate::drop, .answer = AnswerFate::forge, .code = 4}});

  EXPECT_THAT(session_.write(8, blocks(5)), FailsWith(Errc::outcome_unknown));

  EXPECT_FALSE(session_.refusal());
  EXPECT_EQ(chip_.counts().writes, 3U);
}

TEST_F(SessionTest, TheLastCounterValueIsUsedAndThenTheChipIsWornOut) {
  chip_.chip().set_write_counter(0xffff'fffe);

  EXPECT_EQ(session_.write(8, blocks(5)), Written::taken);
  EXPECT_TRUE(session_.expired());
  chip_.reset_counts();
  EXPECT_THAT(session_.write(8, blocks(6)), FailsWith(Errc::worn_out));
  EXPECT_EQ(chip_.counts().writes, 0U);
  std::vector<Block> read(2);
  EXPECT_THAT(session_.read(8, read), Succeeds());
}

TEST_F(SessionTest, AnAddressPastTheEndIsAGeometryError) {
  std::vector<Block> read(1);

  EXPECT_THAT(session_.read(600, read), FailsWith(Errc::geometry));
}

TEST_F(SessionTest, AttestsWithTheGivenNonce) {
  Nonce nonce{1, 2, 3};

  auto frames = session_.attest_data(nonce, 0, 4);
  auto counter = session_.attest_counter(nonce);

  ASSERT_THAT(frames, Succeeds());
  ASSERT_THAT(counter, Succeeds());
  Expectation expected{.type = 0x0400, .blocks = 4, .nonce = nonce, .address = 0};
  EXPECT_EQ(judge(*frames, session_.key(), expected), Verdict::accept);
}

TEST(ProgramKey, BelievesTheCounterAndNotTheAnswer) {
  FixedRandom random;
  FakeChip denies{1, 2};
  denies.next(Which::write, {.answer = AnswerFate::forge, .code = 5});
  EXPECT_THAT(program_key(denies, chip_key(), random), Succeeds());

  FakeChip pretends{1, 2};
  pretends.next(Which::write, {.request = RequestFate::drop, .answer = AnswerFate::forge, .code = 0});
  EXPECT_THAT(program_key(pretends, chip_key(), random), FailsWith(Errc::not_provisioned));

  FakeChip taken{1, 2};
  taken.program_key(ChipKey{9});
  EXPECT_THAT(program_key(taken, chip_key(), random), FailsWith(Errc::wrong_key));
}

}  // namespace
}  // namespace signet::rpmb::testing
