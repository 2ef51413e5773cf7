#include "fmdnd/record.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/random_octets.h"

namespace signet::fmdnd {
namespace {

Record full() {
  Record record{fastpair::KeepKeys::recently_used};
  EXPECT_TRUE(record.keys.add(fastpair::AccountKey{std::array<std::uint8_t, 16>{4, 1}}));
  EXPECT_TRUE(record.keys.add(fastpair::AccountKey{std::array<std::uint8_t, 16>{4, 2}}));
  record.eik.emplace(std::array<std::uint8_t, 32>{7, 8, 9});
  record.clock = 0x12345678;
  record.name = "Anna's keys";
  return record;
}

TEST(FmdndRecord, ComesBackAsItWas) {
  const auto record = decode(encode(full()).view(), fastpair::KeepKeys::recently_used);

  ASSERT_TRUE(record) << to_string(record.error());
  EXPECT_EQ(record->keys.size(), 2U);
  EXPECT_EQ(record->keys.owner(), full().keys.owner());
  EXPECT_TRUE(std::ranges::equal(record->eik->view(), full().eik->view()));
  EXPECT_EQ(record->clock, 0x12345678U);
  EXPECT_EQ(record->name, "Anna's keys");
}

TEST(FmdndRecord, AnEmptyOneIsARecord) {
  const auto record = decode(encode(Record{fastpair::KeepKeys::only_one}).view(), fastpair::KeepKeys::only_one);

  ASSERT_TRUE(record);
  EXPECT_TRUE(record->keys.empty());
  EXPECT_FALSE(record->eik);
}

TEST(FmdndRecord, TheLargestFitsIntoAVault) {
  Record record = full();
  record.keys = fastpair::AccountKeys{fastpair::KeepKeys::recently_used, fastpair::kMostAccountKeys};
  for (std::uint8_t i = 0; i < fastpair::kMostAccountKeys; ++i) {
    ASSERT_TRUE(record.keys.add(fastpair::AccountKey{std::array<std::uint8_t, 16>{4, i}}));
  }
  record.name = std::string(64, 'x');

  EXPECT_LE(encode(record).size(), 1024U);
}

TEST(FmdndRecord, EveryTruncationIsDamage) {
  const SecretBuffer octets = encode(full());

  for (std::size_t size = 0; size < octets.size(); ++size) {
    const auto record = decode(octets.view().first(size), fastpair::KeepKeys::recently_used);
    ASSERT_FALSE(record) << size;
    EXPECT_EQ(record.error().code, Errc::damaged);
  }
}

TEST(FmdndRecord, ALaterVersionIsNotTouched) {
  SecretBuffer octets = encode(full());
  octets.writable()[4] = 2;

  const auto record = decode(octets.view(), fastpair::KeepKeys::recently_used);

  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().code, Errc::unsupported_format);
}

TEST(FmdndRecord, RandomAndDamagedOctetsAreHandled) {
  const SecretBuffer octets = encode(full());
  const std::string good{as_text(octets.view())};
  RandomOctets random{1};

  for (int i = 0; i < kRandomStrings; ++i) {
    EXPECT_FALSE(decode(as_bytes(random.text(100)), fastpair::KeepKeys::recently_used));
    const auto record = decode(as_bytes(random.damaged(good)), fastpair::KeepKeys::recently_used);
    EXPECT_TRUE(record || !record.error().context.empty());
  }
}

}  // namespace
}  // namespace signet::fmdnd
