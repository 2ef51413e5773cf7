#include "fastpair/advert.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "fastpair/account_key_filter.h"
#include "fastpair/advert_choice.h"
#include "tests/unit/random_octets.h"

namespace signet::fastpair {
namespace {

constexpr Salt kSalt{0xc7, 0xc8};

std::vector<AccountKey> keys(std::size_t count) {
  std::vector<AccountKey> made;
  for (std::size_t i = 0; i < count; ++i) {
    AccountKey key;
    key.writable()[0] = kAccountKeyFirstOctet;
    key.writable()[15] = static_cast<std::uint8_t>(i);
    made.push_back(std::move(key));
  }
  return made;
}

Bytes octets(std::string_view hex) { return *from_hex(hex); }

TEST(Filter, HasTheSizeThatTheSpecificationGives) {
  const std::size_t sizes[] = {0, 4, 5, 6, 7, 9, 10, 11, 12, 13, 15};
  for (std::size_t n = 0; n <= 10; ++n) EXPECT_EQ(filter_size(n), sizes[n]) << n;
}

TEST(Filter, HoldsEveryKeyItWasMadeOf) {
  const auto all = keys(10);
  for (std::size_t n = 1; n <= 10; ++n) {
    const Bytes filter = make_filter(std::span{all}.first(n), kSalt, {});

    for (std::size_t i = 0; i < n; ++i) EXPECT_TRUE(may_hold(filter, all[i], kSalt, {})) << n << ' ' << i;
  }
}

TEST(Filter, SeldomHoldsAForeignKey) {
  const auto all = keys(255);
  const Bytes filter = make_filter(std::span{all}.first(5), kSalt, {});
  int held = 0;

  for (std::size_t i = 5; i < all.size(); ++i) held += may_hold(filter, all[i], kSalt, {}) ? 1 : 0;

  EXPECT_LT(held, 25);
}

TEST(Filter, LeavesOutWhatHasNoRoom) {
  const auto all = keys(12);

  EXPECT_EQ(make_filter(all, kSalt, {}), make_filter(std::span{all}.first(10), kSalt, {}));
}

TEST(Filter, ThatIsEmptyHoldsNothing) { EXPECT_FALSE(may_hold({}, keys(1)[0], kSalt, {})); }

TEST(Battery, IsOneOctet) {
  EXPECT_EQ(battery_octet(50, false), 50);
  EXPECT_EQ(battery_octet(100, true), 0xe4);
  EXPECT_EQ(battery_octet(std::nullopt, false), 0x7f);
  EXPECT_EQ(battery_octet(101, true), 0xff);
}

TEST(Advert, FitsALegacyAdvertWithTenKeysAndABattery) {
  const auto ten = keys(10);

  const Bytes ad = service_data_ad(encode(non_discoverable(ten, kSalt, BatteryField{}, true)));

  EXPECT_EQ(ad.size(), 28U);
  EXPECT_EQ(ad[0], ad.size() - 1);
}

TEST(Advert, TellsWhetherItMayBeOfAKey) {
  const auto two = keys(2);
  const BatteryField battery{.show_ui = false, .levels = {1, 2, 3}};

  const auto read = parse_advert(encode(non_discoverable({two.data(), 1}, kSalt, battery, false)));

  ASSERT_TRUE(read);
  EXPECT_TRUE(may_hold(std::get<NonDiscoverable>(*read), two[0]));
  EXPECT_FALSE(may_hold(std::get<NonDiscoverable>(*read), two[1]));
}

TEST(Advert, WithoutKeysHasNothingButAnEmptyFilter) {
  EXPECT_EQ(encode(non_discoverable({}, kSalt, BatteryField{}, false)), (Bytes{0, 0}));
  EXPECT_EQ(*parse_advert(Bytes{0, 0}), Advert{NonDiscoverable{}});
}

TEST(Advert, FieldsOfUnknownTypesArePassedOver) {
  const auto read =
      parse_advert(octets("0040c840b400219753"
                          "15ab"
                          "3f000000"));

  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(std::get<NonDiscoverable>(*read).filter, octets("c840b400"));
  EXPECT_EQ(std::get<NonDiscoverable>(*read).salt, octets("9753"));
}

TEST(Advert, ThatIsMalformedIsRefusedByName) {
  const auto context = [](std::string_view hex) { return parse_advert(octets(hex)).error().context; };

  EXPECT_EQ(context(""), "Fast Pair advert: shorter than 2 octets");
  EXPECT_EQ(context("00"), "Fast Pair advert: shorter than 2 octets");
  EXPECT_EQ(context("2040c840"), "Fast Pair advert: its version is not known");
  EXPECT_EQ(context("0040c840"), "Fast Pair advert: a field is cut off");
  EXPECT_EQ(context("00219753"), "Fast Pair advert: there is no account key filter");
  EXPECT_EQ(context("0040c840b400"), "Fast Pair advert: there is a filter but no salt");
  EXPECT_EQ(context("0010ab12cd2197532197"), "Fast Pair advert: the filter is there twice");
  EXPECT_EQ(context("0010ab219753219753"), "Fast Pair advert: the salt is there twice");
  EXPECT_EQ(context("0010ab31975300"), "Fast Pair advert: the salt is not of 1 or 2 octets");
  EXPECT_EQ(context("0010ab2197532340"), "Fast Pair advert: a field is cut off");
  EXPECT_EQ(context("0010ab219753234040"), "Fast Pair advert: the battery field is not of 3 octets");
  EXPECT_EQ(context("0010ab2197533340404034404040"), "Fast Pair advert: the battery field is there twice");
}

TEST(Advert, IsFoundAmongOtherStructures) {
  EXPECT_EQ(to_hex(*find_service_data(octets("02010606162cfe10111200000000"))), "101112");
  EXPECT_EQ(to_hex(*find_service_data(octets("0416aafe4006162cfe101112"))), "101112");
  EXPECT_EQ(find_service_data(octets("0201060416aafe40")), std::nullopt);
  EXPECT_EQ(find_service_data(octets("07162cfe101112")), std::nullopt);
  EXPECT_EQ(find_service_data(octets("0006162cfe101112")), std::nullopt);
  EXPECT_EQ(find_service_data({}), std::nullopt);
}

TEST(Advert, RandomAndDamagedAdvertsAreReadOrRefused) {
  const auto five = keys(5);
  const Bytes good = service_data_ad(encode(non_discoverable(five, kSalt, BatteryField{}, true)));
  RandomOctets random{4};

  for (int i = 0; i < kRandomStrings; ++i) {
    const std::string text = random.below(2) == 0 ? random.text(60) : random.damaged(std::string{as_text(good)});
    const auto found = find_service_data(as_bytes(text));
    const auto read = parse_advert(found ? *found : as_bytes(text));
    if (!read) {
      EXPECT_FALSE(read.error().context.empty());
    } else if (const auto* advert = std::get_if<NonDiscoverable>(&*read)) {
      (void)may_hold(*advert, five[0]);
    }
  }
}

// ---- what is advertised in which state ----

TEST(AdvertChoice, InPairingModeIsDiscoverableAtAHeldAddress) {
  const auto choice = choose_advert({.pairing_mode = true, .model_id = {1, 2, 3}}, keys(2), kSalt);

  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->advert, (Advert{Discoverable{ModelId{1, 2, 3}}}));
  EXPECT_LE(choice->longest_interval.count(), 100);
  EXPECT_TRUE(choice->hold_address);
}

TEST(AdvertChoice, OutsideOfPairingModeIsTheFilter) {
  const auto two = keys(2);

  const auto choice = choose_advert({}, two, kSalt);

  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->advert, Advert{non_discoverable(two, kSalt, std::nullopt, true)});
  EXPECT_LE(choice->longest_interval.count(), 250);
  EXPECT_FALSE(choice->hold_address);
}

TEST(AdvertChoice, ADeviceWithoutKeysSaysSo) {
  const auto choice = choose_advert({}, {}, kSalt);

  ASSERT_TRUE(choice);
  EXPECT_EQ(encode(choice->advert), (Bytes{0, 0}));
}

TEST(AdvertChoice, AProvisionedTagIsNeverDiscoverable) {
  const auto choice = choose_advert({.locator_tag = true, .pairing_mode = true, .provisioned = true}, keys(1), kSalt);

  ASSERT_TRUE(choice);
  EXPECT_TRUE(std::holds_alternative<NonDiscoverable>(choice->advert));
  const auto device = choose_advert({.pairing_mode = true, .provisioned = true}, keys(1), kSalt);
  EXPECT_TRUE(std::holds_alternative<Discoverable>(device->advert));
}

TEST(AdvertChoice, ATagNeverAsksForAUserInterface) {
  const auto choice = choose_advert({.locator_tag = true, .show_ui = true}, keys(1), kSalt);

  ASSERT_TRUE(choice);
  EXPECT_FALSE(std::get<NonDiscoverable>(choice->advert).show_ui);
}

TEST(AdvertChoice, APairedTagKeepsItsAddressUntilItIsProvisioned) {
  EXPECT_TRUE(choose_advert({.locator_tag = true}, keys(1), kSalt)->hold_address);
  EXPECT_FALSE(choose_advert({.locator_tag = true, .provisioned = true}, keys(1), kSalt)->hold_address);
}

TEST(AdvertChoice, AProvisionedTagAdvertisesUntilItsClockHasBeenRead) {
  ProviderState state{.locator_tag = true, .provisioned = true};
  EXPECT_TRUE(choose_advert(state, keys(1), kSalt));

  state.synchronised = true;

  EXPECT_FALSE(choose_advert(state, keys(1), kSalt));
  state.locator_tag = false;
  EXPECT_TRUE(choose_advert(state, keys(1), kSalt));
}

TEST(AdvertChoice, ATagWithoutAKeyIsSilent) { EXPECT_FALSE(choose_advert({.locator_tag = true}, {}, kSalt)); }

TEST(AdvertChoice, PauseStopsEverything) {
  EXPECT_FALSE(choose_advert({.pairing_mode = true, .paused = true}, keys(1), kSalt));
}

TEST(AdvertChoice, AfterAResetOnlyPairingModeIsAdvertised) {
  EXPECT_FALSE(choose_advert({.after_reset = true}, {}, kSalt));
  EXPECT_TRUE(choose_advert({.pairing_mode = true, .after_reset = true}, {}, kSalt));
}

}  // namespace
}  // namespace signet::fastpair
