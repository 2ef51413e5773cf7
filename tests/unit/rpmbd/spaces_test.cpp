// Namespaces: apart from each other, within their quotas, and no cheaper or dearer than they must be.
#include "rpmbd/spaces.h"

#include <gmock/gmock.h>

#include "tests/unit/rpmbd/core_fixture.h"

namespace signet::rpmbd {
namespace {

using testing::CoreFixture;
using testing::grant;
using ::testing::HasSubstr;

class SpacesTest : public CoreFixture {
 protected:
  SpacesTest() : spaces_{start_provisioned().spaces} {}

  Result<void> put(const Grant& who, const std::string& name, std::size_t size = 10) {
    return spaces_.put(who, name, Bytes(size, 7));
  }
  std::uint64_t writes() { return chip_.counts().writes; }

  Grant alice_ = grant("alice");
  Grant bob_ = grant("bob");
  Spaces& spaces_;
};

TEST_F(SpacesTest, NamespacesDoNotSeeEachOther) {
  ASSERT_TRUE(put(alice_, "x"));
  ASSERT_TRUE(spaces_.generate_key(alice_, "k", "hmac-sha256"));
  ASSERT_TRUE(spaces_.create_counter(alice_, "c"));

  EXPECT_EQ(spaces_.get(bob_, "x").error().code, Errc::not_found);
  EXPECT_EQ(spaces_.remove(bob_, "x").error().code, Errc::not_found);
  EXPECT_TRUE(spaces_.list(bob_, "")->empty());
  EXPECT_EQ(spaces_.sign(bob_, "k", Bytes{1}).error().code, Errc::not_found);
  EXPECT_EQ(spaces_.remove_key(bob_, "k").error().code, Errc::not_found);
  EXPECT_TRUE(spaces_.keys(bob_)->empty());
  EXPECT_EQ(spaces_.read_counter(bob_, "c").error().code, Errc::not_found);
  EXPECT_EQ(spaces_.increment(bob_, "c").error().code, Errc::not_found);
  EXPECT_TRUE(spaces_.counters(bob_)->empty());
  EXPECT_TRUE(spaces_.get(alice_, "x"));
}

TEST_F(SpacesTest, ObjectsKeysAndCountersOfOneNameDoNotMeet) {
  ASSERT_TRUE(put(alice_, "same"));
  ASSERT_TRUE(spaces_.generate_key(alice_, "same", "ecdsa-p256"));
  ASSERT_TRUE(spaces_.create_counter(alice_, "same"));

  ASSERT_TRUE(spaces_.remove(alice_, "same"));

  EXPECT_TRUE(spaces_.sign(alice_, "same", Bytes{1}));
  EXPECT_TRUE(spaces_.read_counter(alice_, "same"));
}

TEST_F(SpacesTest, AnErrorForWhatIsNotThereNamesIt) {
  EXPECT_EQ(spaces_.get(alice_, "nothing").error().context, "no object 'nothing' in namespace 'alice'");
}

TEST_F(SpacesTest, BadNamesAreRefusedBeforeTheChipIsAsked) {
  const auto before = chip_.counts().reads;
  for (const std::string bad : {"", "../x", ".x", "a b"}) {
    EXPECT_EQ(spaces_.get(alice_, bad).error().code, Errc::invalid_argument);
    EXPECT_EQ(put(alice_, bad).error().code, Errc::invalid_argument);
    EXPECT_EQ(spaces_.remove(alice_, bad).error().code, Errc::invalid_argument);
    EXPECT_EQ(spaces_.generate_key(alice_, bad, "ecdsa-p256").error().code, Errc::invalid_argument);
    EXPECT_EQ(spaces_.sign(alice_, bad, {}).error().code, Errc::invalid_argument);
    EXPECT_EQ(spaces_.verify(alice_, bad, {}, {}).error().code, Errc::invalid_argument);
    EXPECT_EQ(spaces_.public_key(alice_, bad).error().code, Errc::invalid_argument);
    EXPECT_EQ(spaces_.remove_key(alice_, bad).error().code, Errc::invalid_argument);
    EXPECT_EQ(spaces_.create_counter(alice_, bad).error().code, Errc::invalid_argument);
    EXPECT_EQ(spaces_.increment(alice_, bad).error().code, Errc::invalid_argument);
    EXPECT_EQ(spaces_.read_counter(alice_, bad).error().code, Errc::invalid_argument);
    EXPECT_EQ(spaces_.remove_counter(alice_, bad).error().code, Errc::invalid_argument);
  }
  EXPECT_EQ(chip_.counts().reads, before);
}

TEST_F(SpacesTest, BatchesAreAllOrNothingAndHaveRules) {
  std::vector<NamedChange> too_many;
  for (std::size_t i = 0; i <= kMaxBatch; ++i) too_many.push_back({"n" + std::to_string(i), Bytes{1}});

  EXPECT_EQ(spaces_.apply(alice_, {}).error().code, Errc::invalid_argument);
  EXPECT_EQ(spaces_.apply(alice_, too_many).error().code, Errc::invalid_argument);
  EXPECT_THAT(spaces_.apply(alice_, {{"a", Bytes{1}}, {"a", std::nullopt}}).error().context,
              HasSubstr("'a' occurs twice"));
  EXPECT_FALSE(spaces_.apply(alice_, {{"good", Bytes{1}}, {"b/ad", Bytes{1}}}));
  EXPECT_TRUE(spaces_.list(alice_, "")->empty());

  ASSERT_TRUE(spaces_.apply(alice_, {{"a", Bytes{1}}, {"b", Bytes{2}}}));
  ASSERT_TRUE(spaces_.apply(alice_, {{"a", std::nullopt}, {"b", Bytes{3}}, {"never-there", std::nullopt}}));
  const auto left = *spaces_.list(alice_, "");
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].name.name, "b");
}

TEST_F(SpacesTest, TheQuotaOfObjectsCountsCountersToo) {
  const auto small = grant("small", {.objects = 2, .writes_per_day = 1000});
  ASSERT_TRUE(put(small, "a"));
  ASSERT_TRUE(spaces_.create_counter(small, "c"));

  const auto third = put(small, "b");

  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, Errc::quota_exceeded);
  EXPECT_THAT(third.error().context, HasSubstr("namespace 'small' would have 3 objects; its quota is 2"));
  EXPECT_EQ(spaces_.create_counter(small, "d").error().code, Errc::quota_exceeded);
  EXPECT_TRUE(put(small, "a", 20)) << "replacing needs no room";
  EXPECT_TRUE(spaces_.apply(small, {{"a", std::nullopt}, {"b", Bytes{1}}})) << "an exchange neither";
}

TEST_F(SpacesTest, TheQuotaOfOctetsLooksAtWhatIsReplaced) {
  const auto small = grant("small", {.bytes = 100, .writes_per_day = 1000});
  ASSERT_TRUE(put(small, "a", 60));

  EXPECT_EQ(put(small, "b", 41).error().code, Errc::quota_exceeded);
  EXPECT_TRUE(put(small, "b", 40));
  EXPECT_TRUE(put(small, "a", 50));
  EXPECT_EQ(spaces_.usage(small)->bytes, 90U);
}

TEST_F(SpacesTest, SmallObjectsOfOldBatchesCannotKeepTheStoreFull) {
  const auto sly = grant("sly", {.objects = 8, .bytes = 4000, .keys = 0, .writes_per_day = 1000});
  Result<void> done;
  for (std::uint8_t i = 0; i < 7 && done; ++i) {
    done = spaces_.apply(sly, {{"tiny" + std::to_string(i), Bytes{i}}, {"large", Bytes(3900, i)}});
  }

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::quota_exceeded);
  EXPECT_THAT(done.error().context, HasSubstr("batches"));
  EXPECT_TRUE(spaces_.remove(sly, "tiny0"));
  EXPECT_TRUE(put(alice_, "x", 5000));
}

TEST_F(SpacesTest, ANamespaceAboveALoweredQuotaMayShrink) {
  ASSERT_TRUE(put(alice_, "a", 60));
  ASSERT_TRUE(put(alice_, "b", 60));
  const auto lowered = grant("alice", {.objects = 1, .bytes = 50, .writes_per_day = 1000});

  EXPECT_EQ(put(lowered, "b", 61).error().code, Errc::quota_exceeded);
  EXPECT_TRUE(put(lowered, "b", 59));
  EXPECT_TRUE(spaces_.remove(lowered, "a"));
}

TEST_F(SpacesTest, TheQuotaOfKeys) {
  const auto small = grant("small", {.keys = 1, .writes_per_day = 1000});
  ASSERT_TRUE(spaces_.generate_key(small, "a", "hmac-sha256"));

  EXPECT_EQ(spaces_.generate_key(small, "b", "hmac-sha256").error().code, Errc::quota_exceeded);
  ASSERT_TRUE(spaces_.remove_key(small, "a"));
  EXPECT_TRUE(spaces_.generate_key(small, "b", "hmac-sha256"));
}

TEST_F(SpacesTest, OneNamespaceCannotUseUpAnothersWrites) {
  const auto greedy = grant("greedy", {.writes_per_day = 16});
  for (int i = 0; i < 16; ++i) ASSERT_TRUE(put(greedy, "x", static_cast<std::size_t>(i) + 1));

  EXPECT_EQ(put(greedy, "x", 99).error().code, Errc::wear_limited);
  EXPECT_EQ(spaces_.remove(greedy, "x").error().code, Errc::wear_limited);
  EXPECT_TRUE(spaces_.get(greedy, "x")) << "reading is free";
  EXPECT_TRUE(put(alice_, "x"));
}

TEST_F(SpacesTest, EqualContentCostsNothing) {
  ASSERT_TRUE(put(alice_, "x"));
  const auto before = writes();
  const auto spent = spaces_.usage(alice_)->writes_today;

  ASSERT_TRUE(put(alice_, "x"));

  EXPECT_EQ(writes(), before);
  EXPECT_EQ(spaces_.usage(alice_)->writes_today, spent);
}

TEST_F(SpacesTest, ARefusedRequestWritesNothing) {
  const auto before = writes();

  EXPECT_FALSE(put(alice_, "bad/name"));
  EXPECT_FALSE(put(grant("small", {.bytes = 1}), "x"));
  EXPECT_EQ(put(alice_, "huge", 200'000).error().code, Errc::quota_exceeded);
  EXPECT_EQ(put(grant("rich", {.bytes = 1'000'000}), "huge", 200'000).error().code, Errc::too_large);
  EXPECT_FALSE(spaces_.generate_key(alice_, "k", "rot13"));

  EXPECT_EQ(writes(), before);
}

TEST_F(SpacesTest, CreateUpdateAndDeleteCostOneWriteEach) {
  for (const auto& step : {1, 2, 3}) {
    const auto before = writes();

    ASSERT_TRUE(step == 3 ? spaces_.remove(alice_, "x") : put(alice_, "x", static_cast<std::size_t>(step)));

    EXPECT_EQ(writes(), before + 1) << step;
  }
}

TEST_F(SpacesTest, UsageShowsEverything) {
  ASSERT_TRUE(put(alice_, "a", 30));
  ASSERT_TRUE(put(alice_, "b", 12));
  ASSERT_TRUE(spaces_.generate_key(alice_, "k", "hmac-sha256"));
  ASSERT_TRUE(spaces_.create_counter(alice_, "c"));

  const auto usage = *spaces_.usage(alice_);

  EXPECT_EQ(usage.objects, 3U);
  EXPECT_EQ(usage.bytes, 42U);
  EXPECT_EQ(usage.keys, 1U);
  EXPECT_EQ(usage.writes_today, 4U);
}

TEST_F(SpacesTest, WhatIsAtHandNeedsNoChip) {
  ASSERT_TRUE(put(alice_, "x"));
  ASSERT_TRUE(spaces_.generate_key(alice_, "k", "hmac-sha256"));
  ASSERT_TRUE(spaces_.sign(alice_, "k", Bytes{1}));
  ASSERT_TRUE(spaces_.object_at_hand(alice_, "x"));
  ASSERT_TRUE(spaces_.key_at_hand(alice_, "k"));
  const auto reads = chip_.counts().reads;

  EXPECT_TRUE(spaces_.get(alice_, "x"));
  EXPECT_TRUE(spaces_.sign(alice_, "k", Bytes{1}));

  EXPECT_EQ(chip_.counts().reads, reads);
}

TEST_F(SpacesTest, AfterARestartAKeyIsNotAtHandUntilItWasUsed) {
  ASSERT_TRUE(spaces_.generate_key(alice_, "k", "hmac-sha256"));
  auto& spaces = restart().spaces;

  EXPECT_FALSE(spaces.key_at_hand(alice_, "k"));
  ASSERT_TRUE(spaces.sign(alice_, "k", Bytes{1}));
  EXPECT_TRUE(spaces.key_at_hand(alice_, "k"));
}

TEST_F(SpacesTest, EvidenceIsOfTheNamespaceAndTheData) {
  const auto frames = spaces_.evidence(alice_, Bytes{1, 2});
  ASSERT_TRUE(frames) << to_string(frames.error());

  EXPECT_EQ(spaces_.verify_evidence(alice_, Bytes{1, 2}, *frames)->verdict, "ok");
  EXPECT_NE(spaces_.verify_evidence(bob_, Bytes{1, 2}, *frames)->verdict, "ok");
  EXPECT_NE(spaces_.verify_evidence(alice_, Bytes{1, 3}, *frames)->verdict, "ok");
  EXPECT_EQ(spaces_.evidence(alice_, {}).error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace signet::rpmbd
