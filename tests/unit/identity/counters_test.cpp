#include "identity/counters.h"

#include <gtest/gtest.h>

#include "unit/identity/store_fixture.h"

namespace signet::identity {
namespace {

class CountersTest : public StoreFixture {
 protected:
  Counters counters() { return Counters{*store_, session_}; }
  std::uint32_t chip_counter() const { return chip_.snapshot().registers.write_counter; }
};

TEST_F(CountersTest, NewCounterStartsAtTheChipsCounter) {
  std::uint32_t before = chip_counter();

  auto value = counters().create("alice", "c");

  ASSERT_TRUE(value);
  EXPECT_EQ(*value, before);
  EXPECT_EQ(counters().read("alice", "c").value(), before);
}

TEST_F(CountersTest, EveryStepIsOneHigherAndCostsOneWrite) {
  std::uint64_t value = counters().create("alice", "c").value();
  chip_.reset_counts();

  for (int step = 1; step <= 10; ++step) {
    EXPECT_EQ(counters().increment("alice", "c").value(), value + static_cast<unsigned>(step));
  }

  EXPECT_EQ(chip_.counts().writes, 10U);
}

TEST_F(CountersTest, NeverExceedsTheChipsCounter) {
  std::uint64_t value = counters().create("alice", "c").value();

  for (int step = 0; step < 50; ++step) {
    EXPECT_LE(value, chip_counter());
    value = counters().increment("alice", "c").value();
  }
}

TEST_F(CountersTest, KeepsItsValueOverARestart) {
  counters().create("alice", "c").value();
  std::uint64_t value = counters().increment("alice", "c").value();

  mount();

  EXPECT_EQ(counters().read("alice", "c").value(), value);
}

TEST_F(CountersTest, NoValueComesBackAfterRemoveAndCreate) {
  std::uint64_t last = 0;

  for (int life = 0; life < 5; ++life) {
    std::uint64_t value = counters().create("alice", "c").value();
    EXPECT_TRUE(life == 0 || value > last) << value << " after " << last;
    for (int step = 0; step < life; ++step) value = counters().increment("alice", "c").value();
    last = value;
    ASSERT_TRUE(counters().remove("alice", "c"));
  }
}

TEST_F(CountersTest, NoValueComesBackAfterAReformat) {
  counters().create("alice", "c").value();
  std::uint64_t last = 0;
  for (int step = 0; step < 5; ++step) last = counters().increment("alice", "c").value();

  ASSERT_TRUE(rpmb::format(session_, {}, derive, random_));
  mount();

  EXPECT_GT(counters().create("alice", "c").value(), last);
}

TEST_F(CountersTest, StepOfUnknownOutcomeIsFollowedByAHigherValue) {
  std::uint64_t before = counters().create("alice", "c").value();
  chip_.set_absent(Errc::io);
  auto unknown = counters().increment("alice", "c");
  chip_.set_absent(std::nullopt);

  ASSERT_FALSE(unknown);
  auto next = counters().increment("alice", "c");
  if (!next) next = counters().increment("alice", "c");  // the first may have had to settle the earlier one

  ASSERT_TRUE(next) << to_string(next.error());
  EXPECT_GT(*next, before);
}

TEST_F(CountersTest, SecondCreateIsRefusedAndChangesNothing) {
  counters().create("alice", "c").value();
  std::uint64_t value = counters().increment("alice", "c").value();

  EXPECT_EQ(counters().create("alice", "c").error().code, Errc::already_exists);
  EXPECT_EQ(counters().create("alice", "c").error().context, "there is a counter 'c' already in namespace 'alice'");
  EXPECT_EQ(counters().read("alice", "c").value(), value);
}

TEST_F(CountersTest, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(counters().read("alice", "c").error().code, Errc::not_found);
  EXPECT_EQ(counters().read("alice", "c").error().context, "no counter 'c' in namespace 'alice'");
  EXPECT_EQ(counters().increment("alice", "c").error().code, Errc::not_found);
  EXPECT_EQ(counters().remove("alice", "c").error().code, Errc::not_found);
}

TEST_F(CountersTest, NamespacesDoNotMeet) {
  std::uint64_t alice = counters().create("alice", "c").value();
  counters().create("bob", "c").value();
  counters().increment("bob", "c").value();

  EXPECT_EQ(counters().read("alice", "c").value(), alice);
  EXPECT_EQ(counters().remove("carol", "c").error().code, Errc::not_found);
}

TEST_F(CountersTest, ListsByNameWithValues) {
  std::uint64_t b = counters().create("alice", "b").value();
  std::uint64_t a = counters().create("alice", "a").value();
  counters().create("bob", "c").value();

  std::vector<CounterInfo> list = counters().list("alice").value();

  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].name, "a");
  EXPECT_EQ(list[0].value, a);
  EXPECT_EQ(list[1].name, "b");
  EXPECT_EQ(list[1].value, b);
}

TEST_F(CountersTest, ObjectOfAnotherSizeIsDamaged) {
  put({rpmb::ObjectKind::counter, "alice", "c"}, Bytes(7));

  EXPECT_EQ(counters().read("alice", "c").error().code, Errc::damaged);
  EXPECT_EQ(counters().increment("alice", "c").error().code, Errc::damaged);
}

}  // namespace
}  // namespace signet::identity
