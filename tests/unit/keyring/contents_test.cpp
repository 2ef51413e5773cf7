#include "keyring/contents.h"

#include <gtest/gtest.h>

#include "tests/unit/random_octets.h"

namespace signet::keyring {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

const std::array<std::uint8_t, 16> kAccountKey = {4, 1, 2, 3};
const std::array<std::uint8_t, 32> kEik = {7, 8, 9};
const std::array<std::uint8_t, 32> kNextEik = {10, 11};

Device full_device(std::string name) {
  return {.name = std::move(name),
          .model_id = ModelId{0x12, 0x34, 0x56},
          .account_key = SecretBytes<16>{kAccountKey},
          .eik = fmdn::Eik{kEik},
          .next_eik = fmdn::Eik{kNextEik},
          .curve = fmdn::Curve::secp256r1,
          .owner = true,
          .clock = ClockReading{4096, sys_seconds{seconds{1'790'000'000}}},
          .address = "00:AA:01:00:00:00"};
}

Contents two_devices() {
  Contents contents;
  EXPECT_TRUE(contents.put(full_device("bag")));
  EXPECT_TRUE(contents.put({.name = "keys"}));
  return contents;
}

TEST(KeyringContents, ComeBackAsTheyWere) {
  const auto encoded = two_devices().encode();

  const auto decoded = Contents::decode(encoded.view());

  ASSERT_TRUE(decoded) << to_string(decoded.error());
  ASSERT_EQ(decoded->devices().size(), 2u);
  const Device* bag = decoded->find("bag");
  ASSERT_NE(bag, nullptr);
  EXPECT_EQ(bag->model_id, (ModelId{0x12, 0x34, 0x56}));
  EXPECT_TRUE(std::ranges::equal(bag->account_key.value().view(), kAccountKey));
  EXPECT_TRUE(std::ranges::equal(bag->eik.value().view(), kEik));
  EXPECT_TRUE(std::ranges::equal(bag->next_eik.value().view(), kNextEik));
  EXPECT_EQ(bag->curve, fmdn::Curve::secp256r1);
  EXPECT_TRUE(bag->owner);
  EXPECT_EQ(bag->clock, (ClockReading{4096, sys_seconds{seconds{1'790'000'000}}}));
  EXPECT_EQ(bag->address, "00:AA:01:00:00:00");
  const Device* keys = decoded->find("keys");
  ASSERT_NE(keys, nullptr);
  EXPECT_FALSE(keys->model_id || keys->account_key || keys->eik || keys->clock || keys->owner);
}

TEST(KeyringContents, ADeviceOfTheSameNameIsReplacedInItsPlace) {
  Contents contents = two_devices();

  EXPECT_TRUE(contents.put({.name = "bag", .address = "AA"}));

  ASSERT_EQ(contents.devices().size(), 2u);
  EXPECT_EQ(contents.devices()[0].address, "AA");
  EXPECT_FALSE(contents.devices()[0].eik);
}

TEST(KeyringContents, WhatIsNotThereCannotBeRemoved) {
  Contents contents = two_devices();

  const auto removed = contents.remove("car");

  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, Errc::not_found);
  EXPECT_NE(removed.error().context.find("'car'"), std::string::npos);
  EXPECT_TRUE(contents.remove("bag"));
  EXPECT_EQ(contents.find("bag"), nullptr);
  EXPECT_EQ(contents.devices().size(), 1u);
}

TEST(KeyringContents, NamesAreWhatPeopleType) {
  for (const char* good : {"a", "my.bag_2", "A-b", "7"}) EXPECT_TRUE(check_name(good)) << good;
  for (const char* bad : {"", "-a", "a b", "b/c", "\xc3\xa4", "a\n"}) EXPECT_FALSE(check_name(bad)) << bad;
  EXPECT_TRUE(check_name(std::string(64, 'a')));
  EXPECT_FALSE(check_name(std::string(65, 'a')));
}

TEST(KeyringContents, TheBeaconsClockGoesOnWithOursAndAround) {
  const ClockReading reading{.beacon = 100, .wall = sys_seconds{seconds{1000}}};

  EXPECT_EQ(reading.at(sys_seconds{seconds{1010}}), 110u);
  EXPECT_EQ(reading.at(sys_seconds{seconds{950}}), 50u);
  EXPECT_EQ(reading.at(sys_seconds{seconds{899}}), 0xffffffffu);
}

TEST(KeyringContents, AFieldOfANewerVersionIsSaidToBeThat) {
  const Bytes octets{0, 1, 0, 4, 99, 0, 1, 0};

  const auto decoded = Contents::decode(octets);

  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, Errc::unsupported_format);
}

TEST(KeyringContents, TheSameNameTwiceIsDamage) {
  Contents one;
  ASSERT_TRUE(one.put({.name = "bag"}));
  const auto once = one.encode();
  Bytes twice{0, 2};
  append(twice, once.view().subspan(2));
  append(twice, once.view().subspan(2));

  const auto decoded = Contents::decode(twice);

  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, Errc::damaged);
}

TEST(KeyringContents, EveryPrefixIsRefused) {
  const auto octets = two_devices().encode();

  for (std::size_t size = 0; size < octets.size(); ++size) {
    EXPECT_FALSE(Contents::decode(octets.view().first(size))) << size;
  }
}

TEST(KeyringContents, TakesOrRefusesDamagedOctetsAndEncodesWhatItTakes) {
  RandomOctets random{1};
  const auto octets = two_devices().encode();
  int taken = 0;

  for (int i = 0; i < kRandomStrings; ++i) {
    const auto damaged = random.damaged(std::string{as_text(octets.view())});
    const auto decoded = Contents::decode(as_bytes(damaged));
    if (!decoded) continue;
    ++taken;
    EXPECT_TRUE(Contents::decode(decoded->encode().view()));
  }
  EXPECT_GT(taken, 0);
  EXPECT_LT(taken, kRandomStrings);
}

}  // namespace
}  // namespace signet::keyring
