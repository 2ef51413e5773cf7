// The rows of the table of what kernels were seen to do with addresses, one test each.
#include "bluez/simulated/air.h"

#include <gtest/gtest.h>

namespace signet::bluez::simulated {
namespace {

using namespace std::chrono_literals;

class ManualClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point monotonic() const override { return now; }
  std::chrono::system_clock::time_point wall() const override { return {}; }
  std::chrono::steady_clock::time_point now{};
};

Advert advert(std::uint8_t content) { return {.data = {0x02, 0x01, content}}; }

class AirTest : public testing::Test {
 protected:
  void with(Radio radio) {
    air_.emplace(loop_, clock_, radio);
    air_->observe([this](Slot slot, const std::optional<Frame>& frame) { seen_.emplace_back(slot, frame); });
  }
  Result<void> apply(Change change) {
    std::optional<Result<void>> outcome;
    air_->apply(std::move(change), [&outcome](Result<void> now) { outcome = std::move(now); });
    EXPECT_FALSE(outcome) << "completion is later";
    loop_.restart();
    loop_.run();
    return outcome.value_or(fail(Errc::internal, "no completion"));
  }
  Result<void> put(Slot slot, std::uint8_t content, AddressPolicy address) {
    return apply({.slots = {{slot, advert(content)}}, .address = address});
  }
  const Frame& frame(Slot slot) { return air_->on_air().at(slot); }
  DeviceAddress address(Slot slot = Slot::fmdn) { return frame(slot).address; }

  boost::asio::io_context loop_;
  ManualClock clock_;
  std::optional<Air> air_;
  std::vector<std::pair<Slot, std::optional<Frame>>> seen_;
};

TEST_F(AirTest, ExtendedRotatesEveryTime) {
  with({});
  std::set<DeviceAddress> addresses;

  for (std::uint8_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(put(Slot::fmdn, i, AddressPolicy::rotate));
    addresses.insert(address());
  }

  EXPECT_EQ(addresses.size(), 20U);
}

TEST_F(AirTest, ExtendedHoldsForAnyTime) {
  with({.rpa_timeout = 30s});
  ASSERT_TRUE(put(Slot::fmdn, 1, AddressPolicy::rotate));
  const auto before = address();

  clock_.now += 24h;
  ASSERT_TRUE(put(Slot::fmdn, 2, AddressPolicy::hold));

  EXPECT_EQ(address(), before);
  EXPECT_EQ(frame(Slot::fmdn).advert, advert(2));
}

TEST_F(AirTest, ARotationShowsNoMixedPair) {
  for (const bool extended : {true, false}) {
    with({.extended = extended, .rpa_timeout = 30s});
    ASSERT_TRUE(put(Slot::fmdn, 1, AddressPolicy::rotate));
    const auto before = address();
    clock_.now += 31s;
    seen_.clear();

    ASSERT_TRUE(put(Slot::fmdn, 2, AddressPolicy::rotate));

    ASSERT_EQ(seen_.size(), 2U);
    EXPECT_EQ(seen_[0].second, std::nullopt);
    EXPECT_EQ(seen_[1].second->advert, advert(2));
    EXPECT_NE(seen_[1].second->address, before);
  }
}

TEST_F(AirTest, ExtendedSlotsHaveAddressesOfTheirOwn) {
  with({});
  ASSERT_TRUE(put(Slot::fmdn, 1, AddressPolicy::rotate));
  const auto before = address();

  ASSERT_TRUE(put(Slot::fast_pair, 2, AddressPolicy::rotate));

  EXPECT_EQ(address(), before);
  EXPECT_NE(address(Slot::fast_pair), before);
}

TEST_F(AirTest, LegacyKeepsItsAddressUntilItHasExpired) {
  with({.extended = false, .rpa_timeout = 30s});
  ASSERT_TRUE(put(Slot::fmdn, 1, AddressPolicy::rotate));
  const auto before = address();

  clock_.now += 29s;
  ASSERT_TRUE(put(Slot::fmdn, 2, AddressPolicy::rotate));
  EXPECT_EQ(address(), before);
  clock_.now += 1s;
  ASSERT_TRUE(put(Slot::fmdn, 3, AddressPolicy::rotate));

  EXPECT_NE(address(), before);
}

TEST_F(AirTest, LegacySlotsShareTheAddressAndRotateTogether) {
  with({.extended = false, .rpa_timeout = 30s});
  ASSERT_TRUE(apply({.slots = {{Slot::fmdn, advert(1)}, {Slot::fast_pair, advert(2)}}}));
  EXPECT_EQ(address(Slot::fmdn), address(Slot::fast_pair));
  const auto before = address();

  clock_.now += 30s;
  ASSERT_TRUE(put(Slot::fmdn, 3, AddressPolicy::rotate));

  EXPECT_NE(address(Slot::fmdn), before);
  EXPECT_EQ(address(Slot::fmdn), address(Slot::fast_pair));
}

TEST_F(AirTest, LegacyHoldEndsWithTheTimeoutAndShowsTheNewDataUnderTheOldAddressFirst) {
  with({.extended = false, .rpa_timeout = 30s});
  ASSERT_TRUE(put(Slot::fmdn, 1, AddressPolicy::rotate));
  const auto before = address();
  clock_.now += 31s;
  seen_.clear();

  ASSERT_TRUE(put(Slot::fmdn, 2, AddressPolicy::hold));

  ASSERT_EQ(seen_.size(), 2U);
  EXPECT_EQ(seen_[0].second, (Frame{before, advert(2)}));
  EXPECT_NE(seen_[1].second->address, before);
}

TEST_F(AirTest, LegacyTakesANewAddressUnderTheOldPayloadWhenAConnectionComesAfterTheTimeout) {
  with({.extended = false, .rpa_timeout = 30s});
  ASSERT_TRUE(put(Slot::fmdn, 1, AddressPolicy::rotate));
  const auto before = address();
  clock_.now += 31s;

  air_->connect(Slot::fmdn);

  EXPECT_NE(address(), before);
  EXPECT_EQ(frame(Slot::fmdn).advert, advert(1));
}

TEST_F(AirTest, ExtendedKeepsItsAddressThroughAConnection) {
  with({.rpa_timeout = 30s});
  ASSERT_TRUE(put(Slot::fmdn, 1, AddressPolicy::rotate));
  const auto before = address();
  clock_.now += 31s;

  air_->connect(Slot::fmdn);

  EXPECT_EQ(address(), before);
}

TEST_F(AirTest, WithoutPrivacyTheAddressIsPublicAndALimitationSaysSo) {
  with({.privacy = false});
  ASSERT_TRUE(put(Slot::fmdn, 1, AddressPolicy::rotate));

  EXPECT_EQ(address(), Radio{}.identity);
  EXPECT_TRUE(air_->limitations().contains(Limitation::no_privacy));
}

TEST_F(AirTest, APowerCyclePutsEverythingBackUnderANewAddress) {
  for (const bool extended : {true, false}) {
    with({.extended = extended});
    ASSERT_TRUE(put(Slot::fmdn, 1, AddressPolicy::rotate));
    const auto before = address();

    air_->set_power(false);
    EXPECT_TRUE(air_->on_air().empty());
    air_->set_power(true);

    EXPECT_EQ(frame(Slot::fmdn).advert, advert(1));
    EXPECT_NE(address(), before);
  }
}

TEST_F(AirTest, AChangeWithoutAControllerIsKeptAndMadeWhenThereIsOne) {
  with({.present = false});

  const auto outcome = put(Slot::fmdn, 1, AddressPolicy::rotate);
  air_->set_present(true);

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::no_service);
  EXPECT_EQ(frame(Slot::fmdn).advert, advert(1));
}

TEST_F(AirTest, ARestartOfBluetoothdGivesANewAddressOnlyOnExtendedControllers) {
  for (const bool extended : {true, false}) {
    with({.extended = extended});
    ASSERT_TRUE(put(Slot::fmdn, 1, AddressPolicy::rotate));
    const auto before = address();

    air_->restart_bluetoothd();

    EXPECT_EQ(address() == before, !extended);
  }
}

TEST_F(AirTest, AFrameThatIsTooLongForALegacyControllerChangesNothing) {
  with({.extended = false});
  ASSERT_TRUE(put(Slot::fmdn, 1, AddressPolicy::rotate));
  Bytes data(32, 0);
  data[0] = 31;

  const auto outcome = apply({.slots = {{Slot::fmdn, Advert{.data = data}}}});

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::unsupported);
  EXPECT_EQ(frame(Slot::fmdn).advert, advert(1));
}

TEST_F(AirTest, ASlotThatIsClearedFallsSilent) {
  with({});
  ASSERT_TRUE(put(Slot::fmdn, 1, AddressPolicy::rotate));

  ASSERT_TRUE(apply({.slots = {{Slot::fmdn, std::nullopt}}}));

  EXPECT_TRUE(air_->on_air().empty());
  EXPECT_EQ(air_->address(Slot::fmdn), std::nullopt);
}

TEST_F(AirTest, MoreSlotsThanSetsAreRefused) {
  with({.sets = 1});
  ASSERT_TRUE(put(Slot::fmdn, 1, AddressPolicy::rotate));

  const auto outcome = put(Slot::fast_pair, 1, AddressPolicy::rotate);

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::store_full);
  EXPECT_EQ(air_->on_air().size(), 1U);
}

TEST_F(AirTest, TellsWhenTheControllerChanges) {
  with({});
  int told = 0;
  air_->listen([&told] { ++told; });

  air_->set_power(false);
  loop_.restart();
  loop_.run();

  EXPECT_EQ(told, 1);
  EXPECT_TRUE(air_->limitations().contains(Limitation::not_powered));
}

}  // namespace
}  // namespace signet::bluez::simulated
