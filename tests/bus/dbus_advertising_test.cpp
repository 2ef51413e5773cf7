// Advertising through an org.bluez that composes frames, keeps addresses and forgets adverts as bluetoothd was seen to.
#include "bluez/dbus_advertising.h"

#include <gtest/gtest.h>

#include <chrono>

#include "bluez/testing/fake_bluez.h"
#include "tests/bus/private_bus.h"
#include "tests/unit/becomes.h"

namespace signet::bluez {
namespace {

using namespace std::chrono_literals;
using bluez::testing::FakeAdvertising;
using bluez::testing::FakeBluez;
using bluez::testing::FakeFrame;

const std::string kFmdn = "/org/signet/advert/fmdn";
const std::string kFastPair = "/org/signet/advert/fast_pair";

// Flags and service data, as the daemon gives them.
Advert advert(std::uint8_t content, std::size_t size = 3) {
  Advert all{.data = {0x02, 0x01, 0x06, static_cast<std::uint8_t>(3 + size), 0x16, 0xaa, 0xfe}, .interval = 500ms};
  all.data.insert(all.data.end(), size, content);
  return all;
}
// The same as bluetoothd sends them: flags last.
Bytes sent(std::uint8_t content, std::size_t size = 3) {
  Bytes all = advert(content, size).data;
  std::rotate(all.begin(), all.begin() + 3, all.end());
  return all;
}

class DbusAdvertisingTest : public ::testing::Test {
 protected:
  void start(FakeAdvertising advertising = {}) {
    air_.reset();
    objects_.reset();
    pump_.reset();
    bluez_.emplace(loop_, bus_.address(), advertising);
    own_ = sdbus::createSessionBusConnectionWithAddress(bus_.address());
    pump_.emplace(loop_, *own_);
    objects_.emplace(loop_, *own_, *pump_);
    air_.emplace(loop_, *own_, *pump_, *objects_, "/org/signet/advert");
    bluez_->start();
    ASSERT_TRUE(becomes([this] { return air_->controller().powered && air_->controller().sets > 0; }));
  }
  template <class Condition>
  ::testing::AssertionResult becomes(Condition condition) {
    return signet::becomes(loop_, condition);
  }
  Result<void> apply(Change change) {
    std::optional<Result<void>> outcome;
    air_->apply(std::move(change), [&outcome](Result<void> now) { outcome = std::move(now); });
    EXPECT_TRUE(becomes([&outcome] { return outcome.has_value(); }));
    return outcome.value_or(fail(Errc::internal, "no completion"));
  }
  Result<void> put(Slot slot, const Advert& what, AddressPolicy address = AddressPolicy::rotate) {
    return apply({.slots = {{slot, what}}, .address = address});
  }
  bool shows(const std::string& path, const Bytes& data) {
    const auto now = bluez_->on_air().find(path);
    return now != bluez_->on_air().end() && now->second.data == data;
  }
  int address(const std::string& path = kFmdn) { return bluez_->on_air().at(path).address; }

  signet::testing::PrivateBus bus_;
  boost::asio::io_context loop_{1};
  std::optional<FakeBluez> bluez_;
  std::unique_ptr<sdbus::IConnection> own_;
  std::optional<dbus::AsioBus> pump_;
  std::optional<BluezObjects> objects_;
  std::optional<DbusAdvertising> air_;
};

TEST_F(DbusAdvertisingTest, TheFrameGoesOutWithTheFlagsLast) {
  start();

  ASSERT_TRUE(put(Slot::fmdn, advert(1)));

  EXPECT_EQ(bluez_->on_air().at(kFmdn), (FakeFrame{.address = 1, .data = sent(1), .interval_ms = 500}));
  EXPECT_TRUE(air_->limitations().contains(Limitation::flags_last));
}

TEST_F(DbusAdvertisingTest, AModernBluetoothdCarriesLongFramesAndAnOldOneNamesWhatItCannot) {
  start();
  EXPECT_TRUE(put(Slot::fmdn, advert(1, 34)));
  EXPECT_TRUE(shows(kFmdn, sent(1, 34)));

  start({.modern = false});
  const auto outcome = put(Slot::fmdn, advert(1, 34));

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::unsupported);
  EXPECT_TRUE(air_->limitations().contains(Limitation::legacy_short_frames));
  EXPECT_TRUE(air_->limitations().contains(Limitation::default_interval));
}

TEST_F(DbusAdvertisingTest, RotationTakesANewAddressOnAnExtendedController) {
  start();
  ASSERT_TRUE(put(Slot::fmdn, advert(1)));
  const auto before = address();

  ASSERT_TRUE(put(Slot::fmdn, advert(2)));

  EXPECT_NE(address(), before);
  EXPECT_TRUE(shows(kFmdn, sent(2)));
}

TEST_F(DbusAdvertisingTest, HoldKeepsIt) {
  start();
  ASSERT_TRUE(put(Slot::fmdn, advert(1)));
  const auto before = address();

  ASSERT_TRUE(put(Slot::fmdn, advert(2), AddressPolicy::hold));

  ASSERT_TRUE(becomes([&] { return shows(kFmdn, sent(2)); }));
  EXPECT_EQ(address(), before);
}

TEST_F(DbusAdvertisingTest, ALegacyControllerRotatesAllOnceTheAddressHasExpired) {
  start({.extended = false});
  ASSERT_TRUE(apply({.slots = {{Slot::fmdn, advert(1)}, {Slot::fast_pair, advert(7)}}}));
  const auto before = address();
  ASSERT_TRUE(put(Slot::fmdn, advert(2)));
  EXPECT_EQ(address(), before);

  bluez_->expire_address();
  ASSERT_TRUE(put(Slot::fmdn, advert(3)));

  EXPECT_NE(address(), before);
  EXPECT_EQ(address(kFmdn), address(kFastPair));
  EXPECT_TRUE(air_->limitations().contains(Limitation::legacy_no_instant_rotation));
}

TEST_F(DbusAdvertisingTest, APowerCycleAndARestartOfBluetoothdPutEverythingBack) {
  start();
  ASSERT_TRUE(apply({.slots = {{Slot::fmdn, advert(1)}, {Slot::fast_pair, advert(2)}}}));

  bluez_->set_power(false);
  ASSERT_TRUE(becomes([this] { return air_->limitations().contains(Limitation::not_powered); }));
  bluez_->set_power(true);
  EXPECT_TRUE(becomes([&] { return shows(kFmdn, sent(1)) && shows(kFastPair, sent(2)); }));

  bluez_->stop();
  ASSERT_TRUE(becomes([this] { return air_->limitations().contains(Limitation::no_controller); }));
  bluez_->start();
  EXPECT_TRUE(becomes([&] { return shows(kFmdn, sent(1)) && shows(kFastPair, sent(2)); }));
}

TEST_F(DbusAdvertisingTest, KeepsToTheControllerThatItIsToUse) {
  start();
  EXPECT_EQ(to_string(air_->controller().identity), FakeBluez::kPublicAddress);
  DbusAdvertising other{loop_, *own_, *pump_, *objects_, "/org/signet/other", "hci7"};
  bluez_->stop();
  ASSERT_TRUE(becomes([this] { return air_->controller().name.empty(); }));

  bluez_->start();

  ASSERT_TRUE(becomes([this] { return air_->controller().powered && air_->controller().sets > 0; }));
  EXPECT_EQ(other.controller(), Controller{});
  EXPECT_EQ(other.limitations(), std::set<Limitation>{Limitation::no_controller});
}

TEST_F(DbusAdvertisingTest, ASlotThatIsClearedFallsSilent) {
  start();
  ASSERT_TRUE(put(Slot::fmdn, advert(1)));

  ASSERT_TRUE(apply({.slots = {{Slot::fmdn, std::nullopt}}}));

  EXPECT_TRUE(bluez_->on_air().empty());
}

TEST_F(DbusAdvertisingTest, WhatBluetoothdCannotExpressIsRefusedAndChangesNothing) {
  start();
  ASSERT_TRUE(put(Slot::fmdn, advert(1)));

  const auto outcome = put(Slot::fmdn, Advert{.data = {0x02, 0x0a, 0x00}});

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::unsupported);
  EXPECT_EQ(outcome.error().context, "fmdn: data: bluetoothd cannot send this AD structure of type 0x0a");
  EXPECT_TRUE(shows(kFmdn, sent(1)));
}

TEST_F(DbusAdvertisingTest, NoPlaceIsAnError) {
  start({.instances = 1});
  ASSERT_TRUE(put(Slot::fmdn, advert(1)));

  const auto outcome = put(Slot::fast_pair, advert(2));

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::store_full);
  EXPECT_TRUE(shows(kFmdn, sent(1)));
}

}  // namespace
}  // namespace signet::bluez
