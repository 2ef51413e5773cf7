// How an ordinary device bonds: its phone, and whoever tries to be taken for it.
#include <gmock/gmock.h>

#include "fastpair/seeker.h"
#include "fastpair/uuids.h"
#include "tests/unit/fmdnd/accessory_fixture.h"

namespace signet::fmdnd {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr bluez::DeviceAddress kPhone{0x00, 0xaa, 0x01, 0x01, 0x00, 0x01};
constexpr std::uint32_t kDigits = 123456;

struct FakePairing final : bluez::Pairing {
  void listen(Listener given) override { listener = std::move(given); }
  void expect(bool anybody) override { expects = anybody; }
  void confirm(const std::string& device) override { verdicts.push_back("confirmed " + device); }
  void reject(const std::string& device) override { verdicts.push_back("rejected " + device); }
  void begin(const bluez::DeviceAddress& address) override { begun.push_back(bluez::to_string(address)); }
  Listener listener;
  bool expects = false;
  std::vector<std::string> verdicts;
  std::vector<std::string> begun;
};

class BondingTest : public AccessoryFixture {
 protected:
  BondingTest() { config_.device.locator_tag = false; }

  void begin() {
    start();
    accessory_->pair_through(pairing_);
  }
  // In pairing mode, up to the bond.
  void meet(const fastpair::PairingRequest& more = {}) {
    ASSERT_TRUE(accessory_->start_pairing(seconds{60}));
    run_for();
    seeker_ = fastpair::Seeker::meet(crypto::public_point(anti_spoofing_.public_der()).value(), random_).value();
    auto request = more;
    request.provider = air_->controller().identity;
    const auto asked = write(fastpair::kKeyBasedPairingUuid, seeker_->pairing_request(request));
    ASSERT_EQ(asked.notifications.size(), 1U);
    response_ = asked.notifications[0];
  }
  void compare(std::uint32_t shown = kDigits, const std::string& device = "/phone") {
    pairing_.listener.compares({.device = device, .address = kPhone}, shown);
  }
  // What the device shows in return.
  std::uint32_t show(std::uint32_t passkey = kDigits) {
    const auto written = write(fastpair::kPasskeyUuid, seeker_->passkey(passkey));
    return written.notifications.empty() ? 0 : seeker_->read_passkey(written.notifications[0]).value_or(0);
  }
  Written give_key() {
    return write(fastpair::kAccountKeyUuid, seeker_->give(fastpair::AccountKey{std::array<std::uint8_t, 16>{4, 1}}));
  }

  FakePairing pairing_;
  std::optional<fastpair::Seeker> seeker_;
  Bytes response_;
};

TEST_F(BondingTest, APhoneThatShowsTheSameDigitsIsBondedAndGivesItsKey) {
  begin();

  meet();
  EXPECT_TRUE(pairing_.expects);
  compare();
  EXPECT_EQ(show(), kDigits);
  EXPECT_THAT(pairing_.verdicts, ElementsAre("confirmed /phone"));
  pairing_.listener.bonded({.device = "/phone", .address = kPhone});

  EXPECT_FALSE(pairing_.expects);
  EXPECT_FALSE(give_key().error);
  EXPECT_EQ(accessory_->state(), State::paired);
}

TEST_F(BondingTest, ADeviceWithBothKindsOfBluetoothSaysSo) {
  for (const bool classic : {true, false}) {
    radio_.classic = classic;
    begin();

    meet({.ble_devices = true});

    const auto response = seeker_->read_response(response_);
    ASSERT_TRUE(response && response->extended);
    EXPECT_EQ(response->extended->ble_only, !classic);
    EXPECT_EQ(response->extended->prefers_ble_bonding, !classic);
    EXPECT_EQ(response->extended->prefers_le_transport, !classic);
    EXPECT_EQ(response->addresses, std::vector{air_->controller().identity});
    stop();
  }
}

TEST_F(BondingTest, ThePhonesDigitsMayComeFirst) {
  begin();
  meet();

  show();
  EXPECT_THAT(pairing_.verdicts, IsEmpty());
  compare();

  EXPECT_THAT(pairing_.verdicts, ElementsAre("confirmed /phone"));
}

TEST_F(BondingTest, OtherDigitsAreRejected) {
  begin();
  meet();

  compare();
  EXPECT_EQ(show(kDigits + 1), kDigits);

  EXPECT_THAT(pairing_.verdicts, ElementsAre("rejected /phone"));
  EXPECT_FALSE(pairing_.expects);
  EXPECT_TRUE(give_key().error);
}

TEST_F(BondingTest, WithoutABondNoKeyIsTaken) {
  begin();
  meet();

  EXPECT_TRUE(give_key().error);
  EXPECT_EQ(accessory_->state(), State::factory);
}

TEST_F(BondingTest, NobodyIsExpectedWithoutAPairingRequest) {
  begin();
  ASSERT_TRUE(accessory_->start_pairing(seconds{60}));
  run_for();

  EXPECT_FALSE(pairing_.expects);
  compare();

  EXPECT_THAT(pairing_.verdicts, ElementsAre("rejected /phone"));
}

TEST_F(BondingTest, APhoneThatVanishesInBetweenIsRejected) {
  begin();
  meet();
  compare();

  connections_->leave("/phone");

  EXPECT_THAT(pairing_.verdicts, ElementsAre("rejected /phone"));
  EXPECT_FALSE(pairing_.expects);
}

TEST_F(BondingTest, AFactoryResetInBetweenRejectsThePhone) {
  begin();
  meet();
  compare();

  accessory_->factory_reset([](const Result<void>&) {});
  run_for();

  EXPECT_THAT(pairing_.verdicts, ElementsAre("rejected /phone"));
}

TEST_F(BondingTest, APairingThatFailsEndsTheSession) {
  begin();
  meet();
  compare();
  show();

  pairing_.listener.failed({.device = "/phone", .address = kPhone});

  EXPECT_FALSE(pairing_.expects);
  EXPECT_TRUE(give_key().error);
}

TEST_F(BondingTest, TheDeviceBeginsWhenThePhoneWantsThat) {
  begin();

  meet({.provider_bonds = true, .seeker = kPhone});

  EXPECT_THAT(pairing_.begun, ElementsAre("00:AA:01:01:00:01"));
  EXPECT_TRUE(pairing_.expects);
}

TEST_F(BondingTest, WhoeverElseConnectsMayComeForTheMusic) {
  begin();
  meet();

  connections_->seen("/org/bluez/sim0/dev_other");

  EXPECT_THAT(connections_->disconnected, IsEmpty());
}

TEST_F(BondingTest, ALocatorTagExpectsNobody) {
  config_.device.locator_tag = true;
  begin();

  meet();
  EXPECT_FALSE(pairing_.expects);
  compare();

  EXPECT_THAT(pairing_.verdicts, ElementsAre("rejected /phone"));
  EXPECT_FALSE(give_key().error);
}

}  // namespace
}  // namespace signet::fmdnd
