// GATT server and connections against an org.bluez that behaves as bluetoothd was seen to behave. Both ends on one
// loop.
#include <gtest/gtest.h>

#include <chrono>

#include "bluez/bus_connections.h"
#include "bluez/gatt_application.h"
#include "bluez/testing/fake_bluez.h"
#include "tests/bus/private_bus.h"
#include "tests/unit/becomes.h"
#include "tests/unit/random_octets.h"

namespace signet::bluez {
namespace {

using namespace std::chrono_literals;
using bluez::testing::AttAnswer;
using bluez::testing::FakeBluez;

const std::string kBeacon = "fe2c1238-8366-4814-8eb0-01de32100bea";
const std::string kSilent = "fe2c1235-8366-4814-8eb0-01de32100bea";
const std::string kService = "0000fe2c-0000-1000-8000-00805f9b34fb";

class BluezTest : public ::testing::Test {
 protected:
  BluezTest() : own_{sdbus::createSessionBusConnectionWithAddress(bus_.address())}, bluez_{loop_, bus_.address()} {
    pump_.emplace(loop_, *own_);
    objects_.emplace(loop_, *own_, *pump_);
    connections_.emplace(*objects_);
    connections_->listen({.connected = [this](const std::string& device) { heard_.push_back("+" + device); },
                          .gone = [this](const std::string& device) { heard_.push_back("-" + device); }});
    application_.emplace(loop_, *own_, *pump_, *objects_, "/org/signet/gatt", services());
  }
  std::vector<Service> services() {
    Characteristic beacon{
        .uuid = kBeacon,
        .flags = {"read", "write", "notify"},
        .read = [this](const Request& request, ReadAnswer answer) { on_read_(request, std::move(answer)); },
        .write = [this](const Request& request, Bytes value,
                        WriteAnswer answer) { on_write_(request, std::move(value), std::move(answer)); },
        .subscribed = [this](bool on) { subscriptions_.push_back(on); }};
    return {{.uuid = kService, .characteristics = {std::move(beacon), {.uuid = kSilent, .flags = {"notify"}}}}};
  }
  template <class Condition>
  ::testing::AssertionResult becomes(Condition condition) {
    return signet::becomes(loop_, condition);
  }
  void serve() {
    bluez_.start();
    ASSERT_TRUE(becomes([this] { return bluez_.registered() && !application_->adapters().empty(); }));
  }
  AttAnswer read(const std::string& device, const std::string& uuid = kBeacon, std::uint16_t offset = 0) {
    std::optional<AttAnswer> answer;
    bluez_.read(
        device, uuid, [&answer](const AttAnswer& got) { answer = got; }, offset);
    EXPECT_TRUE(becomes([&answer] { return answer.has_value(); }));
    return answer.value_or(AttAnswer{.error = -1});
  }
  AttAnswer write(const std::string& device, const Bytes& value, const std::string& uuid = kBeacon) {
    std::optional<AttAnswer> answer;
    bluez_.write(device, uuid, value, [&answer](const AttAnswer& got) { answer = got; });
    EXPECT_TRUE(becomes([&answer] { return answer.has_value(); }));
    return answer.value_or(AttAnswer{.error = -1});
  }

  signet::testing::PrivateBus bus_;
  boost::asio::io_context loop_{1};
  std::unique_ptr<sdbus::IConnection> own_;
  FakeBluez bluez_;
  std::optional<dbus::AsioBus> pump_;
  std::optional<BluezObjects> objects_;
  std::optional<BusConnections> connections_;
  std::optional<GattApplication> application_;
  std::vector<std::string> heard_;
  std::vector<bool> subscriptions_;
  std::function<void(const Request&, ReadAnswer)> on_read_ = [](const Request&, const ReadAnswer& answer) {
    answer(Bytes{1, 2, 3});
  };
  std::function<void(const Request&, Bytes, WriteAnswer)> on_write_ =
      [](const Request&, const Bytes&, const WriteAnswer& answer) { answer(std::monostate{}); };
};

TEST_F(BluezTest, RegistersItsCharacteristics) {
  serve();

  EXPECT_EQ(bluez_.flags(kBeacon), (std::vector<std::string>{"read", "write", "notify"}));
  EXPECT_EQ(application_->adapters(), std::set<std::string>{"/org/bluez/hci0"});
}

TEST_F(BluezTest, FindsABluetoothdThatIsThereAlready) {
  application_.reset();
  bluez_.start();
  ASSERT_TRUE(becomes([this] { return objects_->has("/org/bluez/hci0", "org.bluez.GattManager1"); }));

  BluezObjects later{loop_, *own_, *pump_};
  application_.emplace(loop_, *own_, *pump_, later, "/org/signet/gatt2", services());

  EXPECT_TRUE(becomes([this] { return bluez_.registered(); }));
  application_.reset();
}

TEST_F(BluezTest, AReadCarriesWhoAsksAndHow) {
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01");
  Request seen;
  on_read_ = [&seen](const Request& request, const ReadAnswer& answer) {
    seen = request;
    answer(Bytes{9, 8});
  };

  const auto answer = read(device, kBeacon, 7);

  EXPECT_EQ(answer, (AttAnswer{.value = {9, 8}}));
  EXPECT_EQ(seen.device, device);
  EXPECT_EQ(seen.link, "LE");
  EXPECT_EQ(seen.mtu, 517);
  EXPECT_EQ(seen.offset, 7);
}

TEST_F(BluezTest, AWriteOfAnyOctetsArrivesWhole) {
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01");
  Bytes seen;
  on_write_ = [&seen](const Request&, Bytes value, const WriteAnswer& answer) {
    seen = std::move(value);
    answer(std::monostate{});
  };
  RandomOctets random{4};
  for (const std::size_t size : {0U, 1U, 50U, 512U}) {
    const auto text = random.exactly(size);
    const Bytes value(text.begin(), text.end());

    EXPECT_EQ(write(device, value), AttAnswer{});
    EXPECT_EQ(seen, value);
  }
}

TEST_F(BluezTest, ErrorsGoOnTheAirAsTheyAre) {
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01");
  for (const int code : {0x80, 0x81, 0x82, 0x9f, 0x0d, 0x08, 0x06, 0x07, 0x03, 0x0e}) {
    on_write_ = [code](const Request&, const Bytes&, const WriteAnswer& answer) {
      answer(static_cast<AttError>(code));
    };

    EXPECT_EQ(write(device, {1}), AttAnswer{.error = code});
  }
}

TEST_F(BluezTest, ACodeThatBluetoothdCannotSendIsUnlikely) {
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01");
  on_read_ = [](const Request&, const ReadAnswer& answer) { answer(static_cast<AttError>(0x11)); };

  EXPECT_EQ(read(device), AttAnswer{.error = 0x0e});
}

TEST_F(BluezTest, WhatHasNoHandlerIsNotPermitted) {
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01");

  EXPECT_EQ(read(device, kSilent), AttAnswer{.error = 0x02});
  EXPECT_EQ(write(device, {1}, kSilent), AttAnswer{.error = 0x03});
}

TEST_F(BluezTest, ANotificationReachesTheCentral) {
  serve();

  application_->notify(kBeacon, Bytes{0xab, 0xcd});

  ASSERT_TRUE(becomes([this] { return !bluez_.air().empty(); }));
  EXPECT_EQ(bluez_.air(), std::vector<std::string>{"notification abcd"});
}

TEST_F(BluezTest, AResponseComesAfterTheNotificationBeforeIt) {  // bluetoothd, left alone, would turn them round
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01");
  on_write_ = [&](const Request&, const Bytes&, const WriteAnswer& answer) {
    application_->notify(kBeacon, Bytes{0x01});
    answer(std::monostate{});
  };

  EXPECT_EQ(write(device, {1}), AttAnswer{});

  EXPECT_EQ(bluez_.air(), (std::vector<std::string>{"notification 01", "response"}));
}

TEST_F(BluezTest, NobodyElseOnTheBusHearsANotification) {
  serve();
  const auto spy = sdbus::createSessionBusConnectionWithAddress(bus_.address());
  dbus::AsioBus spy_pump{loop_, *spy};
  int heard = 0;
  int signals = 0;
  const auto all = spy->addMatch(
      "type='signal',member='PropertiesChanged'",
      [&](const sdbus::Message& message) {
        ++signals;
        if (std::string{message.getPath()}.starts_with("/org/signet")) ++heard;
      },
      sdbus::return_slot);

  application_->notify(kBeacon, Bytes{0xab});
  ASSERT_TRUE(becomes([this] { return !bluez_.air().empty(); }));
  bluez_.set_power(false);  // heard by everybody, and later

  ASSERT_TRUE(becomes([&signals] { return signals > 0; }));
  EXPECT_EQ(heard, 0);
}

TEST_F(BluezTest, OnlyBluetoothdMayCall) {
  serve();
  const auto stranger = sdbus::createSessionBusConnectionWithAddress(bus_.address());
  dbus::AsioBus stranger_pump{loop_, *stranger};
  const auto proxy = sdbus::createProxy(*stranger, sdbus::ServiceName{own_->getUniqueName()},
                                        sdbus::ObjectPath{"/org/signet/gatt/service0/char0"});
  bool called = false;
  on_write_ = [&called](const Request&, const Bytes&, const WriteAnswer& answer) {
    called = true;
    answer(std::monostate{});
  };
  std::optional<std::string> refused;
  proxy->callMethodAsync("WriteValue")
      .onInterface("org.bluez.GattCharacteristic1")
      .withArguments(Bytes{1}, std::map<std::string, sdbus::Variant>{})
      .uponReplyInvoke(
          [&refused](std::optional<sdbus::Error> error) { refused = error ? std::string{error->getName()} : ""; });

  ASSERT_TRUE(becomes([&refused] { return refused.has_value(); }));
  EXPECT_EQ(*refused, "org.freedesktop.DBus.Error.AccessDenied");
  EXPECT_FALSE(called);
}

TEST_F(BluezTest, SubscriptionsAreTold) {
  serve();

  bluez_.subscribe(kBeacon, true);
  bluez_.subscribe(kBeacon, false);

  ASSERT_TRUE(becomes([this] { return subscriptions_.size() == 2; }));
  EXPECT_EQ(subscriptions_, (std::vector<bool>{true, false}));
}

TEST_F(BluezTest, AnAnswerAfterTheApplicationIsGoneHarmsNobody) {
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01");
  ReadAnswer late;
  on_read_ = [&late](const Request&, ReadAnswer answer) { late = std::move(answer); };
  bluez_.read(device, kBeacon, [](const AttAnswer&) {});
  ASSERT_TRUE(becomes([&late] { return static_cast<bool>(late); }));

  application_.reset();
  late(Bytes{1});
  late(Bytes{2});

  EXPECT_TRUE(becomes([this] { return !bluez_.registered(); })) << "said good-bye";
}

TEST_F(BluezTest, RegistersAgainAfterARestartOfBluetoothd) {
  serve();

  bluez_.stop();
  ASSERT_TRUE(becomes([this] { return application_->adapters().empty(); }));
  bluez_.start();

  EXPECT_TRUE(becomes([this] { return bluez_.registrations() == 2 && !application_->adapters().empty(); }));
  EXPECT_EQ(read(bluez_.connect("00:AA:01:01:00:01")), (AttAnswer{.value = {1, 2, 3}}));
}

TEST_F(BluezTest, RegistersWithAnAdapterThatIsPluggedInAgain) {
  serve();

  bluez_.unplug();
  ASSERT_TRUE(becomes([this] { return application_->adapters().empty(); }));
  bluez_.plug_in();

  EXPECT_TRUE(becomes([this] { return bluez_.registrations() == 2; }));
}

TEST_F(BluezTest, ARegistrationThatWasRefusedIsTriedAgain) {
  bluez_.refuse_registrations(1);

  serve();

  EXPECT_EQ(bluez_.registrations(), 1);
}

TEST_F(BluezTest, ConnectionsAreToldOnce) {
  serve();

  const auto device = bluez_.connect("00:AA:01:01:00:01");
  ASSERT_TRUE(becomes([this] { return heard_.size() == 1; }));
  bluez_.disconnect(device);
  ASSERT_TRUE(becomes([this] { return heard_.size() == 2; }));
  bluez_.connect("00:AA:01:01:00:01");
  ASSERT_TRUE(becomes([this] { return heard_.size() == 3; }));

  EXPECT_EQ(heard_, (std::vector<std::string>{"+" + device, "-" + device, "+" + device}));
  EXPECT_EQ(connections_->present(), std::set<std::string>{device});
}

TEST_F(BluezTest, WhoHasABondIsKnownWhenItsConnectionIsTold) {
  serve();
  std::vector<bool> bonded;
  connections_->listen(
      {.connected = [this, &bonded](const std::string& device) { bonded.push_back(connections_->bonded(device)); },
       .gone = {}});
  const auto device = bluez_.connect("00:AA:01:01:00:01");
  ASSERT_TRUE(becomes([this] { return heard_.size() == 1; }));

  bluez_.bond(device);
  bluez_.disconnect(device);
  bluez_.connect("00:AA:01:01:00:01");

  ASSERT_TRUE(becomes([this] { return heard_.size() == 3; }));
  EXPECT_EQ(bonded, (std::vector<bool>{false, true}));
}

TEST_F(BluezTest, ARequestBeforeTheAnnouncementMakesTheConnectionKnown) {
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01", false);
  on_read_ = [this](const Request& request, const ReadAnswer& answer) {
    connections_->seen(request.device);
    answer(Bytes{});
  };

  read(device);
  EXPECT_EQ(heard_, std::vector<std::string>{"+" + device});
  bluez_.announce(device);
  ASSERT_TRUE(becomes([&] { return objects_->has(device, "org.bluez.Device1"); }));

  EXPECT_EQ(heard_.size(), 1U);
}

TEST_F(BluezTest, PowerOffEndsConnectionsWithoutAWordOfDevice1) {
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01");
  ASSERT_TRUE(becomes([this] { return heard_.size() == 1; }));

  bluez_.set_power(false);

  ASSERT_TRUE(becomes([this] { return heard_.size() == 2; }));
  EXPECT_EQ(heard_.back(), "-" + device);
  EXPECT_FALSE(application_->adapters().empty()) << "the application survives";
}

TEST_F(BluezTest, TheEndOfBluetoothdEndsConnections) {
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01");
  ASSERT_TRUE(becomes([this] { return heard_.size() == 1; }));

  bluez_.stop();

  ASSERT_TRUE(becomes([this] { return heard_.size() == 2; }));
  EXPECT_TRUE(connections_->present().empty());
}

TEST_F(BluezTest, DisconnectsADevice) {
  serve();
  const auto device = bluez_.connect("00:AA:01:01:00:01");
  ASSERT_TRUE(becomes([this] { return heard_.size() == 1; }));

  connections_->disconnect(device);

  ASSERT_TRUE(becomes([this] { return heard_.size() == 2; }));
  EXPECT_EQ(bluez_.disconnected(), std::vector<std::string>{device});
  EXPECT_EQ(heard_.back(), "-" + device);
}

TEST_F(BluezTest, ADeviceThatBluetoothdDoesNotKnowIsGoneOnceItIsToBeDisconnected) {
  serve();
  connections_->seen("/org/bluez/hci0/dev_never");

  connections_->disconnect("/org/bluez/hci0/dev_never");

  ASSERT_TRUE(becomes([this] { return heard_.size() == 2; }));
  EXPECT_EQ(heard_.back(), "-/org/bluez/hci0/dev_never");
}

}  // namespace
}  // namespace signet::bluez
