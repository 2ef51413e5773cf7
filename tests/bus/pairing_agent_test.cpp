// Pairing, with an org.bluez that asks as bluetoothd does.
#include <gtest/gtest.h>

#include <chrono>

#include "bluez/pairing_agent.h"
#include "bluez/testing/fake_bluez.h"
#include "tests/bus/private_bus.h"
#include "tests/unit/becomes.h"

namespace signet::bluez {
namespace {

using namespace std::chrono_literals;
using bluez::testing::FakeBluez;

constexpr const char* kRejected = "org.bluez.Error.Rejected";

class PairingAgentTest : public ::testing::Test {
 protected:
  PairingAgentTest()
      : own_{sdbus::createSessionBusConnectionWithAddress(bus_.address())}, bluez_{loop_, bus_.address()} {
    pump_.emplace(loop_, *own_);
    objects_.emplace(loop_, *own_, *pump_);
    agent_.emplace(*own_, *pump_, *objects_, "/org/signet/agent", PairingAgent::Options{.adapter = "hci0"});
    agent_->listen({.compares =
                        [this](const Pairing::Peer& peer, std::uint32_t passkey) {
                          peer_ = peer;
                          passkey_ = passkey;
                        },
                    .bonded = [this](const Pairing::Peer& peer) { bonded_.push_back(to_string(peer.address)); },
                    .failed = [this](const Pairing::Peer& peer) { failed_.push_back(to_string(peer.address)); }});
  }

  template <class Condition>
  ::testing::AssertionResult becomes(Condition condition) {
    return signet::becomes(loop_, condition);
  }
  void serve(bool expecting = true) {
    bluez_.start();
    ASSERT_TRUE(becomes([this] { return objects_->has("/org/bluez/hci0", "org.bluez.Adapter1"); }));
    if (!expecting) return;
    agent_->expect(true);
    ASSERT_TRUE(becomes([this] { return has_agent() && bluez_.pairable(); }));
  }
  [[nodiscard]] bool has_agent() {
    const auto& agent = bluez_.managers().agent();
    return agent && agent->is_default;
  }
  FakeBluez& ask_to_confirm(const std::string& device, std::uint32_t passkey = 123456) {
    bluez_.managers().ask_to_confirm(device, passkey, [this](const auto& error) { ended_ = error.value_or(""); });
    EXPECT_TRUE(becomes([this] { return passkey_ || ended_; }));
    return bluez_;
  }

  signet::testing::PrivateBus bus_;
  boost::asio::io_context loop_{1};
  std::unique_ptr<sdbus::IConnection> own_;
  FakeBluez bluez_;
  std::optional<dbus::AsioBus> pump_;
  std::optional<BluezObjects> objects_;
  std::optional<PairingAgent> agent_;
  Pairing::Peer peer_;
  std::optional<std::uint32_t> passkey_;
  std::optional<std::string> ended_;  // "": agreed
  std::vector<std::string> bonded_;
  std::vector<std::string> failed_;
};

TEST_F(PairingAgentTest, WhileNobodyIsExpectedNobodyCanBond) {
  bluez_.set_pairable(true);

  serve(false);

  EXPECT_TRUE(becomes([this] { return !bluez_.pairable(); }));
}

TEST_F(PairingAgentTest, NobodyElseMakesItBondable) {
  serve(false);
  ASSERT_TRUE(becomes([this] { return has_agent(); }));

  bluez_.set_pairable(true);

  EXPECT_TRUE(becomes([this] { return !bluez_.pairable(); }));
}

TEST_F(PairingAgentTest, WhileNobodyIsExpectedEveryComparisonIsRejected) {
  serve(false);
  ASSERT_TRUE(becomes([this] { return has_agent(); }));

  ask_to_confirm(bluez_.connect("00:AA:01:01:00:01"));

  EXPECT_EQ(ended_, kRejected);
  EXPECT_FALSE(passkey_);
}

TEST_F(PairingAgentTest, IsTheDefaultAgentBeforeAnybodyIsExpected) {
  serve(false);

  EXPECT_TRUE(becomes([this] { return has_agent(); }));
  EXPECT_EQ(bluez_.managers().agent()->capability, "DisplayYesNo");
}

TEST_F(PairingAgentTest, ThereIsNoAgentWhereNothingIsEverCompared) {
  agent_.emplace(*own_, *pump_, *objects_, "/org/signet/agent2",
                 PairingAgent::Options{.adapter = "hci0", .compares = false});
  bluez_.set_pairable(true);

  serve(false);

  EXPECT_TRUE(becomes([this] { return !bluez_.pairable(); }));
  EXPECT_FALSE(bluez_.managers().agent());
}

TEST_F(PairingAgentTest, GoesWithItsOwner) {
  serve();

  agent_.reset();

  EXPECT_TRUE(becomes([this] { return !bluez_.managers().agent() && !bluez_.pairable(); }));
}

TEST_F(PairingAgentTest, AComparisonWaitsForItsVerdict) {
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01");

  ask_to_confirm(device, 42);
  EXPECT_FALSE(ended_);
  EXPECT_EQ(peer_.device, device);
  EXPECT_EQ(to_string(peer_.address), "00:AA:01:01:00:01");
  EXPECT_EQ(passkey_, 42U);
  agent_->confirm(device);

  EXPECT_TRUE(becomes([this] { return ended_ == ""; }));
}

TEST_F(PairingAgentTest, ADeviceThatWasConfirmedIsTrustedOnceItIsBonded) {
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01");
  ask_to_confirm(device);
  agent_->confirm(device);

  bluez_.bond(device);

  EXPECT_TRUE(becomes([this] { return !bluez_.asked().empty(); }));
  EXPECT_EQ(bluez_.asked(), std::vector<std::string>{"trust " + device});
  EXPECT_EQ(bonded_, std::vector<std::string>{"00:AA:01:01:00:01"});
}

TEST_F(PairingAgentTest, AnotherOneIsNot) {
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01");

  bluez_.bond(device);

  EXPECT_TRUE(becomes([this] { return !bonded_.empty(); }));
  EXPECT_TRUE(bluez_.asked().empty());
}

TEST_F(PairingAgentTest, ARejectionArrives) {
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01");
  ask_to_confirm(device);

  agent_->reject(device);
  agent_->confirm(device);  // too late

  EXPECT_TRUE(becomes([this] { return ended_ == kRejected; }));
}

TEST_F(PairingAgentTest, WhoeverStillWaitsWhenNobodyIsExpectedAnyMoreIsRejected) {
  serve();
  ask_to_confirm(bluez_.connect("00:AA:01:01:00:01"));

  agent_->expect(false);

  EXPECT_TRUE(becomes([this] { return ended_ == kRejected; }));
}

TEST_F(PairingAgentTest, APairingThatBluetoothdGivesUpHasFailed) {
  serve();
  ask_to_confirm(bluez_.connect("00:AA:01:01:00:01"));

  bluez_.managers().cancel_pairing();

  EXPECT_TRUE(becomes([this] { return failed_ == std::vector<std::string>{"00:AA:01:01:00:01"}; }));
}

TEST_F(PairingAgentTest, OtherWaysToPairAreRefused) {
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01");

  for (const std::string method : {"RequestAuthorization", "RequestPinCode", "RequestPasskey"}) {
    ended_.reset();
    bluez_.managers().ask_agent(method, device, [this](const auto& error) { ended_ = error.value_or(""); });
    EXPECT_TRUE(becomes([this] { return ended_.has_value(); }));
    EXPECT_EQ(ended_, kRejected) << method;
  }
}

TEST_F(PairingAgentTest, IsThereAgainAfterARestartOfBluetoothd) {
  serve();
  ask_to_confirm(bluez_.connect("00:AA:01:01:00:01"));

  bluez_.stop();
  EXPECT_TRUE(becomes([this] { return failed_.size() == 1; }));
  bluez_.start();

  EXPECT_TRUE(becomes([this] { return has_agent() && bluez_.pairable(); }));
}

TEST_F(PairingAgentTest, BeginsAPairingItself) {
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01");

  agent_->begin({0x00, 0xaa, 0x01, 0x01, 0x00, 0x01});

  EXPECT_TRUE(becomes([&] { return bluez_.asked() == std::vector<std::string>{"pair " + device}; }));
}

TEST_F(PairingAgentTest, APairingThatCannotBeginHasFailed) {
  serve();

  agent_->begin({0x00, 0xaa, 0x01, 0x01, 0x00, 0x02});

  EXPECT_TRUE(becomes([this] { return failed_ == std::vector<std::string>{"00:AA:01:01:00:02"}; }));
}

TEST_F(PairingAgentTest, OnlyBluetoothdMayAsk) {
  serve();
  const auto stranger = sdbus::createSessionBusConnectionWithAddress(bus_.address());
  dbus::AsioBus pump{loop_, *stranger};
  const auto proxy =
      sdbus::createProxy(*stranger, sdbus::ServiceName{own_->getUniqueName()}, sdbus::ObjectPath{"/org/signet/agent"});

  proxy->callMethodAsync("RequestConfirmation")
      .onInterface("org.bluez.Agent1")
      .withArguments(sdbus::ObjectPath{"/x"}, std::uint32_t{1})
      .uponReplyInvoke(
          [this](std::optional<sdbus::Error> error) { ended_ = error ? std::string{error->getName()} : ""; });
  pump.poke();

  EXPECT_TRUE(becomes([this] { return ended_.has_value(); }));
  EXPECT_EQ(ended_, "org.freedesktop.DBus.Error.AccessDenied");
  EXPECT_FALSE(passkey_);
}

}  // namespace
}  // namespace signet::bluez
