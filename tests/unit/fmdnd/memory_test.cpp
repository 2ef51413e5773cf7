#include "fmdnd/memory.h"

#include "tests/unit/fmdnd/accessory_fixture.h"

namespace signet::fmdnd {
namespace {

struct MemoryTest : testing::Test {
  void run() {
    loop.restart();
    loop.run();
  }
  boost::asio::io_context loop;
  FakeVault vault{loop};
  Memory memory{vault, fastpair::KeepKeys::recently_used, [] { return 7U; }};
};

TEST_F(MemoryTest, AChangeCountsOnceItIsStored) {
  memory.change(
      [](Record& record) -> Result<void> {
        record.name = "keys";
        return {};
      },
      [](const Result<void>&) {});
  EXPECT_EQ(memory.record().name, "");

  run();

  EXPECT_EQ(memory.record().name, "keys");
  EXPECT_EQ(memory.record().clock, 7U);
}

TEST_F(MemoryTest, AChangeThatIsNotStoredDoesNotCount) {
  vault.fails = Errc::no_service;
  Result<void> outcome;

  memory.change(
      [](Record& record) -> Result<void> {
        record.name = "keys";
        return {};
      },
      [&](Result<void> stored) { outcome = std::move(stored); });
  run();

  EXPECT_FALSE(outcome);
  EXPECT_EQ(memory.record().name, "");
}

TEST_F(MemoryTest, ChangesTakeTurnsAndEachSeesTheOneBefore) {
  std::string order;
  for (const char* letter : {"a", "b", "c"}) {
    memory.change(
        [letter](Record& record) -> Result<void> {
          record.name += letter;
          return {};
        },
        [&, letter](const Result<void>&) { order += letter; });
  }

  run();

  EXPECT_EQ(memory.record().name, "abc");
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(vault.saves, 3);
}

TEST_F(MemoryTest, AChangeMadeWhenAnotherIsDoneIsStoredOnce) {
  int done = 0;
  memory.change(
      [](Record& record) -> Result<void> {
        record.name = "a";
        return {};
      },
      [&](const Result<void>&) {
        memory.change(
            [](Record& record) -> Result<void> {
              record.name += "b";
              return {};
            },
            [&](const Result<void>&) { ++done; });
      });

  run();

  EXPECT_EQ(memory.record().name, "ab");
  EXPECT_EQ(done, 1);
  EXPECT_EQ(vault.saves, 2);
}

TEST_F(MemoryTest, AnEditThatDoesNotFitAnyMoreChangesNothing) {
  Result<void> outcome;

  memory.change([](Record&) -> Result<void> { return fail(Errc::cancelled, "no"); },
                [&](Result<void> stored) { outcome = std::move(stored); });
  memory.change(
      [](Record& record) -> Result<void> {
        record.name = "next";
        return {};
      },
      [](const Result<void>&) {});
  run();

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::cancelled);
  EXPECT_EQ(memory.record().name, "next");
  EXPECT_EQ(vault.saves, 1);
}

TEST_F(MemoryTest, AResetThatIsNotDueAnyMoreIsNotMade) {
  memory.change(
      [](Record& record) -> Result<void> {
        record.name = "owned";
        return {};
      },
      [](const Result<void>&) {});
  Result<void> outcome;

  memory.forget([&](Result<void> stored) { outcome = std::move(stored); },
                [](const Record& record) { return !record.name.empty(); });
  run();

  EXPECT_FALSE(outcome);
  EXPECT_EQ(memory.record().name, "owned");
}

TEST_F(MemoryTest, WhatCannotBeReadIsForgottenWithAReset) {
  vault.record = Bytes{1, 2, 3};
  Result<void> loaded;
  memory.load([&](Result<void> outcome) { loaded = std::move(outcome); });
  run();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, Errc::damaged);
  EXPECT_FALSE(memory.known());

  memory.forget([](const Result<void>&) {});
  run();

  EXPECT_TRUE(memory.known());
  EXPECT_NE(vault.record, (Bytes{1, 2, 3}));
}

}  // namespace
}  // namespace signet::fmdnd
