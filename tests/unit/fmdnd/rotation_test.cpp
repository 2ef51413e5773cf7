// What rotates, when, and what stays meanwhile: twenty minutes are a step of the uptime here.
#include <gmock/gmock.h>

#include <filesystem>

#include "fmdn/owner/exchange.h"
#include "tests/unit/fmdnd/accessory_fixture.h"

namespace signet::fmdnd {
namespace {

using bluez::Slot;
namespace owner = fmdn::owner;
using std::chrono::hours;
using std::chrono::seconds;

constexpr const char* kBeaconActions = "fe2c1238-8366-4814-8eb0-01de32100bea";
constexpr seconds kPeriod{fmdn::kPeriod};

class RotationTest : public AccessoryFixture {
 protected:
  // What a scanner has seen since: nothing stands for a slot that fell silent.
  using History = std::vector<std::pair<Slot, std::optional<bluez::simulated::Frame>>>;

  // With an owner, by whom the clock was not read since: Fast Pair is on the air beside the beacon.
  void start_owned() {
    Record record{fastpair::KeepKeys::recently_used};
    ASSERT_TRUE(record.keys.add(key_));
    record.eik = eik_.clone();
    record.clock = 5000;
    keep(record);
    start();
    observe();
  }
  void start_paired() {
    Record record{fastpair::KeepKeys::recently_used};
    ASSERT_TRUE(record.keys.add(key_));
    keep(record);
    start();
    observe();
  }
  void observe() {
    air_->observe([this](Slot slot, const auto& frame) { history_.emplace_back(slot, frame); });
    history_.clear();
  }

  bool ask(const std::function<owner::Exchange(const fmdn::Nonce&)>& request) {
    const auto nonce = owner::parse_nonce(read(kBeaconActions).value()).value();
    return !write(kBeaconActions, request(nonce).request()).error;
  }
  void protect() {
    ASSERT_TRUE(ask([this](const auto& nonce) {
      return owner::activate_unwanted_tracking(nonce, fmdn::unwanted_tracking_key(eik_), 0);
    }));
  }

  [[nodiscard]] Bytes frame_at(std::uint32_t clock, bool unwanted_tracking = false) const {
    return fmdn::frame(fmdn::identity_at(eik_, clock, config_.beacon.curve).value(),
                       {.unwanted_tracking = unwanted_tracking});
  }

  const fastpair::AccountKey key_{std::array<std::uint8_t, 16>{4, 1, 2, 3}};
  const fmdn::Eik eik_{std::array<std::uint8_t, 32>{0x11, 0x22, 0x33}};
  History history_;

 private:
  void keep(const Record& record) {
    const auto octets = encode(record);
    vault_.record = Bytes(octets.view().begin(), octets.view().end());
  }
};

TEST_F(RotationTest, IdentifierAndAddressesChangeInOneInstantTwentyTimes) {
  start_owned();
  std::set<bluez::DeviceAddress> addresses{*address(Slot::fmdn), *address(Slot::fast_pair)};

  for (std::size_t rotation = 1; rotation <= 20; ++rotation) {
    history_.clear();
    rotate_once();

    ASSERT_EQ(history_.size(), 4U) << "one change of two slots";
    EXPECT_FALSE(history_[0].second || history_[1].second) << "both are silent before either is back";
    EXPECT_EQ(on_air(Slot::fmdn), frame_at(clock_->now()));
    addresses.insert(*address(Slot::fmdn));
    addresses.insert(*address(Slot::fast_pair));
    EXPECT_EQ(addresses.size(), 2 * rotation + 2) << "none was there before";
  }
}

TEST_F(RotationTest, ComesSoonAfterEachPeriodAtAMomentThatIsDrawn) {
  start_owned();
  std::set<std::uint32_t> moments;

  std::uint32_t period = clock_->now() / fmdn::kPeriod;
  for (int rotation = 0; rotation < 20; ++rotation) {
    const auto before = on_air(Slot::fmdn);
    pass(alarm_.due - uptime_ - seconds{1});
    EXPECT_EQ(on_air(Slot::fmdn), before);
    pass(seconds{1});

    EXPECT_EQ(clock_->now() / fmdn::kPeriod, ++period);
    EXPECT_NE(on_air(Slot::fmdn), before);
    moments.insert(clock_->now() % fmdn::kPeriod);
  }

  EXPECT_GE(*moments.begin(), 1U);
  EXPECT_LE(*moments.rbegin(), fmdn::kMaxJitter);
  EXPECT_GT(moments.size(), 5U);
}

TEST_F(RotationTest, ProtectionHoldsTheBeaconsAddressForADayWhileIdentifiersRotate) {
  start_owned();
  protect();
  const auto since = uptime_;
  const auto held = *address(Slot::fmdn);
  std::set<bluez::DeviceAddress> others{*address(Slot::fast_pair)};
  std::set<Bytes> frames{*on_air(Slot::fmdn)};

  for (std::uint32_t rotation = 1; rotation < fmdn::kRotationsPerAddress; ++rotation) {
    rotate_once();
    ASSERT_EQ(address(Slot::fmdn), held);
    EXPECT_EQ(on_air(Slot::fmdn), frame_at(clock_->now(), true));
    frames.insert(*on_air(Slot::fmdn));
    others.insert(*address(Slot::fast_pair));
  }
  EXPECT_EQ(frames.size(), fmdn::kRotationsPerAddress);
  EXPECT_EQ(others.size(), fmdn::kRotationsPerAddress) << "Fast Pair's rotates as ever";
  rotate_once();

  EXPECT_NE(address(Slot::fmdn), held);
  EXPECT_GE(uptime_ - since, kPeriod * (fmdn::kRotationsPerAddress - 1));
  EXPECT_GT(uptime_ - since, hours{24} - kPeriod);
}

TEST_F(RotationTest, PairingModeHoldsItsAddressWhileTheBeaconRotates) {
  config_.device.locator_tag = false;
  start_owned();
  ASSERT_TRUE(accessory_->start_pairing(seconds{600}));
  run_for();
  const auto held = address(Slot::fast_pair);
  const auto shown = on_air(Slot::fast_pair);
  const auto before = address(Slot::fmdn);

  rotate_once();

  EXPECT_EQ(address(Slot::fast_pair), held);
  EXPECT_EQ(on_air(Slot::fast_pair), shown);
  EXPECT_NE(address(Slot::fmdn), before);
}

TEST_F(RotationTest, PairingModeHoldsItsAddressWhenProtectionBegins) {
  config_.device.locator_tag = false;
  start_owned();
  ASSERT_TRUE(accessory_->start_pairing(seconds{600}));
  run_for();
  const auto held = address(Slot::fast_pair);
  const auto before = address(Slot::fmdn);

  protect();

  EXPECT_EQ(address(Slot::fast_pair), held);
  EXPECT_NE(address(Slot::fmdn), before);
}

TEST_F(RotationTest, PairingModeHoldsItsAddressWhenTheOwnersKeyComes) {
  config_.device.locator_tag = false;
  start_paired();
  ASSERT_TRUE(accessory_->start_pairing(seconds{600}));
  run_for();
  const auto held = address(Slot::fast_pair);

  ASSERT_TRUE(ask([this](const auto& nonce) { return owner::set_eik(nonce, key_.view(), eik_, nullptr); }));

  EXPECT_TRUE(on_air(Slot::fmdn));
  EXPECT_EQ(address(Slot::fast_pair), held);
}

TEST_F(RotationTest, AnAddressThatIsHeldKeepsItsSalt) {
  config_.device.locator_tag = false;
  start_paired();
  const auto address_before = address(Slot::fast_pair);
  const auto payload_before = on_air(Slot::fast_pair);
  ASSERT_TRUE(accessory_->start_pairing(seconds{600}));
  rotate_once();

  accessory_->stop_pairing();
  run_for();

  EXPECT_EQ(address(Slot::fast_pair), address_before);
  EXPECT_EQ(on_air(Slot::fast_pair), payload_before);
}

TEST_F(RotationTest, AFrameThatIsTooLongForTheControllerDoesNotSilenceFastPair) {
  radio_.extended = false;
  config_.beacon.curve = fmdn::Curve::secp256r1;
  start_owned();

  EXPECT_FALSE(on_air(Slot::fmdn));
  EXPECT_TRUE(on_air(Slot::fast_pair));
  ASSERT_TRUE(accessory_->problem());
  EXPECT_EQ(accessory_->problem()->code, Errc::unsupported);
  const auto before = on_air(Slot::fast_pair);
  rotate_once();
  EXPECT_NE(on_air(Slot::fast_pair), before);
  ASSERT_TRUE(accessory_->problem());
  EXPECT_EQ(accessory_->problem()->code, Errc::unsupported);
}

TEST_F(RotationTest, AFrameThatIsTooLongForTheControllerThatComesIsAProblem) {
  radio_.extended = false;
  radio_.present = false;
  config_.beacon.curve = fmdn::Curve::secp256r1;
  start_owned();

  air_->set_present(true);
  run_for();

  EXPECT_FALSE(on_air(Slot::fmdn));
  EXPECT_TRUE(on_air(Slot::fast_pair));
  ASSERT_TRUE(accessory_->problem());
  EXPECT_EQ(accessory_->problem()->code, Errc::unsupported);
}

TEST_F(RotationTest, WhereThereIsRoomForOneAdvertItIsTheBeacons) {
  radio_.sets = 1;
  start_owned();

  EXPECT_EQ(on_air(Slot::fmdn), frame_at(clock_->now()));
  EXPECT_FALSE(on_air(Slot::fast_pair));
  ASSERT_TRUE(accessory_->problem());
  EXPECT_EQ(accessory_->problem()->code, Errc::store_full);
  rotate_once();
  EXPECT_EQ(on_air(Slot::fmdn), frame_at(clock_->now()));
}

TEST_F(RotationTest, WhatWasRefusedIsTriedAgain) {
  radio_.sets = 1;
  config_.device.locator_tag = false;
  start_owned();
  ASSERT_FALSE(on_air(Slot::fast_pair));
  air_->add_sets(1);

  accessory_->give_consent(seconds{1});  // nothing that shows
  accessory_->pause(false);
  run_for();

  EXPECT_TRUE(on_air(Slot::fast_pair));
  EXPECT_FALSE(accessory_->problem());
}

TEST_F(RotationTest, WhatWasRefusedIsTriedAgainWithAnotherController) {
  radio_.sets = 1;
  start_owned();
  ASSERT_FALSE(on_air(Slot::fast_pair));
  air_->set_present(false);
  run_for();
  air_->add_sets(1);

  air_->set_present(true);
  run_for();

  EXPECT_TRUE(on_air(Slot::fmdn));
  EXPECT_TRUE(on_air(Slot::fast_pair));
  EXPECT_FALSE(accessory_->problem());
}

TEST_F(RotationTest, AtTheEndNothingIsOnTheAirWhateverHappensThen) {
  config_.device.locator_tag = false;
  start_owned();
  bool silent = false;

  accessory_->end([&silent] { silent = true; });
  ASSERT_TRUE(accessory_->start_pairing(seconds{600}));
  rotate_once();

  EXPECT_TRUE(silent);
  EXPECT_FALSE(on_air(Slot::fmdn));
  EXPECT_FALSE(on_air(Slot::fast_pair));
}

TEST_F(RotationTest, TheEndComesWithoutAController) {
  radio_.present = false;
  start_owned();
  bool silent = false;

  accessory_->end([&silent] { silent = true; });
  run_for();

  EXPECT_TRUE(silent);
}

TEST_F(RotationTest, TheClockIsWrittenDownBeforeTheNextIdentifierShows) {
  start_owned();
  std::optional<std::uint32_t> written;
  air_->observe([this, &written](Slot, const auto&) {
    ClockKeeper after{directory_.path("clock"),
                      {.uptime = [this] { return uptime_; }, .wall = [this] { return wall_; }}};
    if (!written && after.restore(0)) written = after.now();
  });

  rotate_once();

  EXPECT_EQ(written, clock_->now());
}

TEST_F(RotationTest, WithoutAnOwnersKeyThereIsNoClockToWriteDown) {
  start_paired();
  ASSERT_TRUE(clock_->forget());

  rotate_once();

  EXPECT_FALSE(std::filesystem::exists(directory_.path("clock")));
}

TEST_F(RotationTest, AnIdleDeviceIsAwakeOncePerRotation) {
  start_owned();
  int awake = 0;
  accessory_->at_rotation([&awake] { ++awake; });

  for (int i = 0; i < 3; ++i) rotate_once();

  EXPECT_EQ(awake, 3);
  loop_.restart();
  loop_.poll();
  EXPECT_TRUE(loop_.stopped()) << "it waits for something else, too";
}

}  // namespace
}  // namespace signet::fmdnd
