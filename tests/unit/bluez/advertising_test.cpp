#include "bluez/advertising.h"

#include <gtest/gtest.h>

#include "tests/unit/random_octets.h"

namespace signet::bluez {
namespace {

Advert flags_only() { return {.data = {0x02, 0x01, 0x06}}; }

TEST(AdvertTest, FlagsAreAnAdvert) { EXPECT_TRUE(check(flags_only())); }

TEST(AdvertTest, EmptyDataAreRefused) {
  const auto outcome = check(Advert{});

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::invalid_argument);
  EXPECT_EQ(outcome.error().context, "data: 1 to 251 octets");
}

TEST(AdvertTest, AStructureThatEndsBeyondTheDataIsRefused) {
  const auto outcome = check(Advert{.data = {0x03, 0x01, 0x06}});

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().context, "data: AD structures, each with a type, that end with the data");
}

TEST(AdvertTest, AStructureWithoutATypeIsRefused) { EXPECT_FALSE(check(Advert{.data = {0x00, 0x01, 0x06}})); }

TEST(AdvertTest, TheLongestAdvertFitsAndOneOctetMoreDoesNot) {
  Bytes data(251, 0x00);
  data[0] = 250;
  Bytes longer(252, 0x00);
  longer[0] = 251;

  EXPECT_TRUE(check(Advert{.data = data}));
  EXPECT_FALSE(check(Advert{.data = longer}));
}

TEST(AdvertTest, IntervalsOutsideTheRangeAreRefused) {
  using namespace std::chrono_literals;
  for (const auto interval : {0ms, 19ms, 10'241ms}) {
    auto advert = flags_only();
    advert.interval = interval;

    const auto outcome = check(advert);

    ASSERT_FALSE(outcome) << interval.count();
    EXPECT_EQ(outcome.error().context, "interval: 20 to 10240 ms");
  }
}

TEST(AdvertTest, RandomDataNeverHarm) {
  RandomOctets random{1};
  for (int i = 0; i < kRandomStrings; ++i) {
    const auto text = random.text(300);
    const Advert advert{.data = Bytes(text.begin(), text.end())};

    const bool good = check(advert).has_value();

    EXPECT_FALSE(good && (advert.data.empty() || advert.data.size() > kLongestAdvert));
  }
}

TEST(ChangeTest, AFrameLongerThanTheControllersIsUnsupportedAndNamesItsSlot) {
  Bytes data(32, 0x00);
  data[0] = 31;
  const Change change{.slots = {{Slot::fmdn, Advert{.data = data}}}};

  const auto outcome = check(change, Controller{.name = "hci0", .powered = true, .longest = 31});

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::unsupported);
  EXPECT_EQ(outcome.error().context, "fmdn: data: at most 31 octets with this controller");
}

TEST(ChangeTest, NothingToChangeIsAMistake) { EXPECT_FALSE(check(Change{}, Controller{})); }

TEST(LimitationTest, EveryOneHasANameAndADescription) {
  for (int i = 0; i <= static_cast<int>(Limitation::bluetoothd_hides_address); ++i) {
    EXPECT_NE(name(static_cast<Limitation>(i)), "") << i;
    EXPECT_NE(description(static_cast<Limitation>(i)), "") << i;
    EXPECT_EQ(limitation_named(name(static_cast<Limitation>(i))), static_cast<Limitation>(i));
  }
  EXPECT_EQ(limitation_named("no such limitation"), std::nullopt);
}

TEST(LimitationTest, APrivateExtendedControllerWithPowerHasNone) {
  const Controller controller{.name = "hci0", .powered = true, .privacy = true, .extended = true};

  EXPECT_TRUE(limitations_of(controller).empty());
}

TEST(LimitationTest, ALegacyControllerSaysThatItCannotRotateAtOnce) {
  const Controller controller{.name = "hci0", .powered = true, .privacy = true, .extended = false};

  EXPECT_TRUE(limitations_of(controller).contains(Limitation::legacy_no_instant_rotation));
}

TEST(DeviceAddressTest, IsWrittenMostSignificantOctetFirst) {
  EXPECT_EQ(to_string(DeviceAddress{0x00, 0xaa, 0x01, 0x02, 0x00, 0xff}), "00:AA:01:02:00:FF");
}

}  // namespace
}  // namespace signet::bluez
