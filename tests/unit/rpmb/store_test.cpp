#include <set>

#include "store_fixture.h"

namespace signet::rpmb::testing {
namespace {

TEST_F(StoreTest, KeepsAnObjectAcrossAStart) {
  ASSERT_THAT(put(store(), "settings", content(256)), Succeeds());

  host_.start();

  EXPECT_EQ(store().get(object("settings")), content(256));
}

TEST_F(StoreTest, CreateUpdateAndRemoveCostOneWriteAndNoReadEach) {
  ASSERT_THAT(put(store(), "first", content(1)), Succeeds());  // raises the fence
  chip_.reset_counts();

  ASSERT_THAT(put(store(), "settings", content(256)), Succeeds());
  ASSERT_THAT(put(store(), "settings", content(256, 9)), Succeeds());
  ASSERT_THAT(remove(store(), "settings"), Succeeds());

  EXPECT_EQ(chip_.counts().writes, 3U);
  EXPECT_EQ(chip_.counts().reads, 0U);
}

TEST_F(StoreTest, TheFirstWriteAfterAStartIsReadBack) {
  host_.start();
  chip_.reset_counts();

  ASSERT_THAT(put(store(), "settings", content(256)), Succeeds());

  EXPECT_EQ(chip_.counts().writes, 1U);
  EXPECT_EQ(chip_.counts().reads, 1U);
}

TEST_F(StoreTest, MountWritesNothing) {
  ASSERT_THAT(put(store(), "settings", content(256)), Succeeds());
  chip_.reset_counts();

  host_.start();

  EXPECT_EQ(chip_.counts().writes, 0U);
  EXPECT_EQ(chip_.counts().reads, 3U);  // counter, 512 blocks, counter
}

TEST_F(StoreTest, AnObjectThatIsNotCachedCostsOneRead) {
  ASSERT_THAT(put(store(), "settings", content(256)), Succeeds());
  host_.start();
  chip_.reset_counts();

  ASSERT_THAT(store().get(object("settings")), Succeeds());
  ASSERT_THAT(store().get(object("settings")), Succeeds());

  EXPECT_EQ(chip_.counts().reads, 1U);
}

TEST_F(StoreTest, AnObjectOfManySlotsSideBySideCostsOneReadToo) {
  ASSERT_THAT(put(store(), "large", content(20000)), Succeeds());
  host_.start();
  chip_.reset_counts();

  EXPECT_EQ(store().get(object("large")), content(20000));

  EXPECT_EQ(chip_.counts().reads, 1U);
}

TEST_F(StoreTest, ARecordThatWasOverwrittenByOthersIsDamagedNotWrong) {
  ASSERT_THAT(put(store(), "settings", content(256)), Succeeds());
  host_.start();
  ChipState state = chip_.snapshot();
  for (std::size_t block = 4; block < state.memory.size(); ++block) state.memory[block].fill(0x55);
  chip_.restore(std::move(state));

  EXPECT_THAT(store().get(object("settings")), FailsWith(Errc::damaged));
}

TEST_F(StoreTest, EqualContentIsNotWrittenAgain) {
  ASSERT_THAT(put(store(), "settings", content(256)), Succeeds());
  chip_.reset_counts();

  ASSERT_THAT(put(store(), "settings", content(256)), Succeeds());
  ASSERT_THAT(remove(store(), "unknown"), Succeeds());

  EXPECT_EQ(chip_.counts().writes, 0U);
  EXPECT_EQ(store().cost(std::vector<Change>{{object("settings"), content(256)}}), 0U);
}

TEST_F(StoreTest, HoldsObjectsUpToAQuarterOfTheRegion) {
  Bytes large = content(store().facts().max_object);

  ASSERT_THAT(put(store(), "large", large), Succeeds());
  host_.start();

  EXPECT_EQ(large.size(), 32U * 1024);
  EXPECT_EQ(store().get(object("large")), large);
  EXPECT_THAT(put(store(), "large", content(large.size() + 1)), FailsWith(Errc::too_large));
}

TEST_F(StoreTest, ABatchTakesEffectAsAWhole) {
  ASSERT_THAT(put(store(), "old", content(10)), Succeeds());

  ASSERT_THAT(store().apply(std::vector<Change>{
                  {object("old"), std::nullopt}, {object("small"), content(5)}, {object("large"), content(3000)}}),
              Succeeds());
  host_.start();

  EXPECT_FALSE(store().contains(object("old")));
  EXPECT_EQ(store().get(object("small")), content(5));
  EXPECT_EQ(store().get(object("large")), content(3000));
}

TEST_F(StoreTest, RejectsANameThatComesTwiceInABatch) {
  chip_.reset_counts();

  EXPECT_THAT(store().apply(std::vector<Change>{{object("a"), content(1)}, {object("a"), content(2)}}),
              FailsWith(Errc::invalid_argument));
  EXPECT_EQ(chip_.counts().writes, 0U);
}

TEST_F(StoreTest, ListsObjectsOfOneNamespaceAndKindByPrefix) {
  ASSERT_THAT(store().apply(std::vector<Change>{
                  {object("b.2"), content(2)}, {object("b.1"), content(1)}, {object("c"), content(3)}}),
              Succeeds());
  ASSERT_THAT(store().apply(std::vector<Change>{{object("b.3", "other"), content(2)}}), Succeeds());
  ASSERT_THAT(store().apply(std::vector<Change>{{{ObjectKind::key, "app", "b.4"}, content(2)}}), Succeeds());

  auto found = store().list(ObjectKind::object, "app", "b.");

  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, object("b.1"));
  EXPECT_EQ(found[0].size, 1U);
  EXPECT_EQ(found[1].name, object("b.2"));
}

TEST_F(StoreTest, ARemovedObjectStaysRemovedHoweverOftenItWasWritten) {
  for (std::uint8_t i = 0; i < 100; ++i) ASSERT_THAT(put(store(), "often", content(100, i)), Succeeds());
  ASSERT_THAT(remove(store(), "often"), Succeeds());
  for (std::uint8_t i = 0; i < 250; ++i) {
    ASSERT_THAT(put(store(), "other", content(100, i)), Succeeds());
    host_.start();
    ASSERT_FALSE(store().contains(object("often"))) << "after " << int{i} << " writes";
  }
  EXPECT_EQ(store().facts().slots_used, 1U);  // the tombstone was released
}

TEST_F(StoreTest, WearGoesRoundAllSlotsEvenWhenEveryWriteIsTheFirstAfterAStart) {
  std::set<std::size_t> written;
  for (std::uint8_t i = 0; i < 50; ++i) {
    ChipState before = chip_.snapshot();
    host_.start();
    ASSERT_THAT(put(store(), "settings", content(100, i)), Succeeds());
    ChipState after = chip_.snapshot();
    for (std::size_t block = 0; block < after.memory.size(); block += 2) {
      if (after.memory[block] != before.memory[block]) written.insert(block);
    }
  }

  EXPECT_EQ(written.size(), 50U);
}

TEST_F(StoreTest, AFullStoreSaysSoAndStillRemoves) {
  int count = 0;
  Result<void> done;
  while ((done = put(store(), "o" + std::to_string(count), content(256)))) ++count;
  EXPECT_THAT(done, FailsWith(Errc::store_full));
  EXPECT_EQ(count, 250);  // of 254 slots, 4 are kept back

  for (int i = 0; i < count; ++i) ASSERT_THAT(remove(store(), "o" + std::to_string(i)), Succeeds()) << i;
  host_.start();

  EXPECT_EQ(store().facts().objects, 0U);
  for (int i = 0; i < 200; ++i) ASSERT_THAT(put(store(), "n" + std::to_string(i), content(256)), Succeeds()) << i;
}

TEST_F(StoreTest, ManyRemovalsFromOneBatchAreMergedInAFullStore) {
  std::vector<Change> batch;
  for (int i = 0; i < 60; ++i) batch.push_back({object("b" + std::to_string(i)), content(4)});
  ASSERT_THAT(store().apply(batch), Succeeds());
  while (put(store(), "fill" + std::to_string(store().facts().objects), content(300))) {
  }

  for (int i = 0; i < 50; ++i) ASSERT_THAT(remove(store(), "b" + std::to_string(i)), Succeeds()) << i;
  host_.start();

  EXPECT_TRUE(store().contains(object("b59")));
  EXPECT_FALSE(store().contains(object("b0")));
}

TEST_F(StoreTest, RemovalsThatFreeNothingLeaveRoomForThoseThatDo) {
  std::vector<Change> batch;
  for (int i = 0; i < 60; ++i) batch.push_back({object(std::string(58, 'n') + std::to_string(i)), content(4)});
  ASSERT_THAT(store().apply(batch), Succeeds());
  ASSERT_THAT(put(store(), "other", content(100)), Succeeds());
  while (put(store(), "fill" + std::to_string(store().facts().objects), content(300))) {
  }

  for (int i = 0; i < 59; ++i)
    (void)store().apply(std::vector<Change>{{batch[static_cast<std::size_t>(i)].name, std::nullopt}});

  EXPECT_THAT(remove(store(), "other"), Succeeds());
  for (int i = 61; i < 71; ++i) EXPECT_THAT(remove(store(), "fill" + std::to_string(i)), Succeeds()) << i;
  EXPECT_THAT(store().apply(std::vector<Change>{{batch[59].name, std::nullopt}}),
              Succeeds());  // what is left of the batch
  host_.start();
  EXPECT_FALSE(store().contains(object("other")));
  EXPECT_THAT(put(store(), "new", content(100)), Succeeds());
}

TEST_F(StoreTest, ReadsNoMoreAtOnceThanTheTransportTakes) {
  ASSERT_THAT(put(store(), "large", content(20000)), Succeeds());
  host_.start();
  chip_.mutable_facts().read_frames = 32;
  chip_.reset_counts();

  EXPECT_EQ(store().get(object("large")), content(20000));

  EXPECT_LE(chip_.counts().frames_read, 32 * chip_.counts().reads);
}

TEST_F(StoreTest, FormatMakesTheOldStoreUnreadable) {
  ASSERT_THAT(put(store(), "settings", content(256)), Succeeds());
  StoreId before = store().facts().store_id;

  host_.format();

  EXPECT_FALSE(store().contains(object("settings")));
  EXPECT_NE(store().facts().store_id, before);
}

TEST_F(StoreTest, RecordsCopiedToAnotherSlotAreNotBelieved) {
  ASSERT_THAT(put(store(), "settings", content(256)), Succeeds());
  ChipState state = chip_.snapshot();
  state.memory[8] = state.memory[4];
  state.memory[9] = state.memory[5];
  state.memory[4] = {};
  chip_.restore(std::move(state));

  host_.start();

  EXPECT_FALSE(store().contains(object("settings")));
}

TEST_F(StoreTest, TheContentOfAnotherWriterIsNotTrustedUntilAccepted) {
  ASSERT_THAT(put(store(), "settings", content(256)), Succeeds());
  chip_.chip().set_write_counter(chip_.snapshot().registers.write_counter + 2);

  host_.start();
  EXPECT_EQ(store().problem()->code, Errc::foreign_writer);
  EXPECT_THAT(put(store(), "settings", content(1)), FailsWith(Errc::read_only));
  EXPECT_EQ(store().get(object("settings")), content(256));

  ASSERT_THAT(store().accept(), Succeeds());
  EXPECT_FALSE(store().problem());
  EXPECT_THAT(put(store(), "settings", content(1)), Succeeds());
  host_.start();
  EXPECT_FALSE(store().problem());
}

TEST_F(StoreTest, ACounterOneAheadAfterAStartIsAnUncleanStop) {
  ASSERT_THAT(put(store(), "settings", content(256)), Succeeds());
  chip_.chip().set_write_counter(chip_.snapshot().registers.write_counter + 1);

  host_.start();

  EXPECT_FALSE(store().problem());
  EXPECT_EQ(store().facts().unclean_starts, 1U);
  EXPECT_THAT(put(store(), "settings", content(1)), Succeeds());
}

TEST_F(StoreTest, ACounterThatWentBackIsARollbackAndCannotBeAccepted) {
  ASSERT_THAT(put(store(), "settings", content(256)), Succeeds());
  chip_.chip().set_write_counter(0);

  host_.start();

  EXPECT_EQ(store().problem()->code, Errc::rollback);
  EXPECT_THAT(store().accept(), FailsWith(Errc::read_only));
  EXPECT_EQ(store().get(object("settings")), content(256));
}

TEST_F(StoreTest, ACounterMovedByAnotherWriterWhileRunningStopsWriting) {
  ASSERT_THAT(put(store(), "settings", content(256)), Succeeds());
  chip_.chip().set_write_counter(chip_.snapshot().registers.write_counter + 7);

  EXPECT_THAT(put(store(), "settings", content(1)), FailsWith(Errc::foreign_writer));
  EXPECT_EQ(store().problem()->code, Errc::foreign_writer);
  EXPECT_THAT(put(store(), "settings", content(1)), FailsWith(Errc::read_only));
  EXPECT_THAT(store().accept(), Succeeds());
  EXPECT_THAT(put(store(), "settings", content(1)), Succeeds());
}

TEST_F(StoreTest, AnExpiredCounterMakesTheStoreReadOnlyForGood) {
  ChipState state = chip_.snapshot();
  state.registers.write_counter = 0xffff'fffd;
  chip_.restore(std::move(state));
  host_.format();  // takes the last two values

  EXPECT_EQ(store().problem()->code, Errc::worn_out);
  EXPECT_THAT(put(store(), "settings", content(1)), FailsWith(Errc::read_only));
}

TEST_F(StoreTest, AnswersWhyAChipIsNoStore) {
  ChipState state = chip_.snapshot();
  for (int block = 0; block < 4; ++block) state.memory[static_cast<std::size_t>(block)] = {};
  chip_.restore(state);
  EXPECT_THAT(host_.try_start(), FailsWith(Errc::not_formatted));

  state.memory[0] = {0x42, 0x4d, 0x50, 0x52};
  chip_.restore(state);
  EXPECT_THAT(host_.try_start(), FailsWith(Errc::foreign_filesystem));
}

TEST_F(StoreTest, AStoreThatSpansMoreThanTheChipIsAGeometryError) {
  FakeChip big{2, 2};
  big.program_key(kChipKey);
  Host host{big};
  host.format();
  ChipState cut = big.snapshot();
  cut.memory.resize(kUnitBlocks);
  FakeChip small{cut};

  EXPECT_THAT(Host{small}.try_start(), FailsWith(Errc::geometry));
}

TEST_F(StoreTest, OneDamagedAnchorIsMendedWithTheNextWrite) {
  ChipState state = chip_.snapshot();
  state.memory[2] = {};
  chip_.restore(std::move(state));
  host_.start();

  ASSERT_THAT(put(store(), "settings", content(256)), Succeeds());
  state = chip_.snapshot();
  state.memory[0] = {};
  chip_.restore(std::move(state));

  EXPECT_THAT(host_.try_start(), Succeeds());
  EXPECT_EQ(store().get(object("settings")), content(256));
}

// --- chips of other write sizes

TEST(StoreOnOtherChips, AChipThatRefusesTwoFramesGetsOneFrameSlots) {
  ChipState state = blank_chip(1, 1);
  state.dialect = Dialect::qemu;
  FakeChip chip{std::move(state)};
  chip.program_key(kChipKey);
  chip.mutable_facts().write_frames = 2;  // what sysfs promises
  Host host{chip};

  host.format();
  ASSERT_THAT(put(host.store(), "first", content(1)), Succeeds());
  chip.reset_counts();
  ASSERT_THAT(put(host.store(), "settings", content(256)), Succeeds());

  EXPECT_EQ(host.store().facts().slot_blocks, 1U);
  EXPECT_EQ(chip.counts().writes, 2U);
  host.start();
  EXPECT_EQ(host.store().get(object("settings")), content(256));
}

TEST(StoreOnOtherChips, AChipOf32FramesTakesEightKilobytesInOneWrite) {
  FakeChip chip{1, 32};
  chip.program_key(kChipKey);
  Host host{chip};
  host.format();
  ASSERT_THAT(put(host.store(), "first", content(1)), Succeeds());
  chip.reset_counts();

  ASSERT_THAT(put(host.store(), "large", content(8000)), Succeeds());

  EXPECT_EQ(chip.counts().writes, 1U);
  host.start();
  EXPECT_EQ(host.store().get(object("large")), content(8000));
}

TEST(StoreOnOtherChips, AFormatThatIsCutInItsFirstWriteLeavesTheOldStoreWhole) {
  FakeChip chip{1, 32};
  chip.program_key(kChipKey);
  Host host{chip};
  host.format();
  for (int i = 0; i < 100; ++i) ASSERT_THAT(put(host.store(), "o" + std::to_string(i), content(200)), Succeeds());
  FixedRandom random{5};
  Session session{chip, chip_key(), random};
  ASSERT_THAT(session.read_counter(), Succeeds());
  for (std::uint64_t later = 2; later < 40; ++later) {
    chip.plan().add(Which::write, chip.bus().numbers()[Which::write] + later, {.request = RequestFate::drop});
  }

  ASSERT_FALSE(format(session, {.ueid = {1}}, derive_store_key, random));
  chip.plan().clear();
  host.start();

  EXPECT_EQ(host.store().facts().objects, 100U);
  EXPECT_EQ(host.store().get(object("o50")), content(200));
}

TEST(StoreOnOtherChips, TheRegionIsAtMostOneMebibyteUnlessAskedFor) {
  FakeChip chip{16, 2};
  chip.program_key(kChipKey);
  Host host{chip};

  host.format();
  EXPECT_EQ(host.store().facts().region_blocks, 4096U);
  host.format(16 * kUnitBlocks);
  EXPECT_EQ(host.store().facts().region_blocks, 16 * kUnitBlocks);
}

TEST(StoreOnOtherChips, FormatRefusesARegionThatDoesNotFit) {
  FakeChip chip{1, 2};
  chip.program_key(kChipKey);
  FixedRandom random;
  Session session{chip, chip_key(), random};

  for (std::uint32_t region : {1U, 511U, 513U, 1024U}) {
    EXPECT_THAT(format(session, {.region_blocks = region}, derive_store_key, random), FailsWith(Errc::invalid_argument))
        << region;
  }
  EXPECT_EQ(chip.counts().writes, 0U);
}

}  // namespace
}  // namespace signet::rpmb::testing
