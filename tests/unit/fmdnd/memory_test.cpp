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
  memory.change([](Record& record) { record.name = "keys"; }, [](const Result<void>&) {});
  EXPECT_EQ(memory.record().name, "");

  run();

  EXPECT_EQ(memory.record().name, "keys");
  EXPECT_EQ(memory.record().clock, 7U);
}

TEST_F(MemoryTest, AChangeThatIsNotStoredDoesNotCount) {
  vault.fails = Errc::no_service;
  Result<void> outcome;

  memory.change([](Record& record) { record.name = "keys"; },
                [&](Result<void> stored) { outcome = std::move(stored); });
  run();

  EXPECT_FALSE(outcome);
  EXPECT_EQ(memory.record().name, "");
}

TEST_F(MemoryTest, ChangesTakeTurnsAndEachSeesTheOneBefore) {
  std::string order;
  for (const char* letter : {"a", "b", "c"}) {
    memory.change([letter](Record& record) { record.name += letter; },
                  [&, letter](const Result<void>&) { order += letter; });
  }

  run();

  EXPECT_EQ(memory.record().name, "abc");
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(vault.saves, 3);
}

TEST_F(MemoryTest, AChangeMadeWhenAnotherIsDoneIsStoredOnce) {
  int done = 0;
  memory.change([](Record& record) { record.name = "a"; },
                [&](const Result<void>&) {
                  memory.change([](Record& record) { record.name += "b"; }, [&](const Result<void>&) { ++done; });
                });

  run();

  EXPECT_EQ(memory.record().name, "ab");
  EXPECT_EQ(done, 1);
  EXPECT_EQ(vault.saves, 2);
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
