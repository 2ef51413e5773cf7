// Streams over RFCOMM, with an org.bluez that hands over sockets as bluetoothd does, and peers that do as they like.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

#include "bluez/rfcomm_profile.h"
#include "bluez/testing/fake_bluez.h"
#include "tests/bus/private_bus.h"
#include "tests/unit/becomes.h"
#include "tests/unit/random_octets.h"

namespace signet::bluez {
namespace {

using namespace std::chrono_literals;
using bluez::testing::FakeBluez;

const std::string kUuid = "df21fe2c-2515-4fdb-8886-f12c4d67927c";

class RfcommProfileTest : public ::testing::Test {
 protected:
  RfcommProfileTest()
      : own_{sdbus::createSessionBusConnectionWithAddress(bus_.address())}, bluez_{loop_, bus_.address()} {
    pump_.emplace(loop_, *own_);
    objects_.emplace(loop_, *own_, *pump_);
    profile_.emplace(
        loop_, *own_, *pump_, *objects_, "/org/signet/stream", RfcommProfile::Service{.uuid = kUuid, .name = "test"},
        StreamListener{.opened = [this](StreamId id, const std::string& device) { opened_.emplace_back(id, device); },
                       .received = [this](StreamId id, BytesView octets) { append(received_[id], octets); },
                       .closed = [this](StreamId id) { closed_.push_back(id); }});
  }

  template <class Condition>
  ::testing::AssertionResult becomes(Condition condition) {
    return signet::becomes(loop_, condition);
  }
  void serve() {
    bluez_.start();
    ASSERT_TRUE(
        becomes([this] { return profile_->registered() && objects_->has("/org/bluez/hci0", "org.bluez.Adapter1"); }));
  }
  std::string bonded_device(const std::string& address = "00:AA:01:01:00:01") {
    const auto device = bluez_.connect(address);
    bluez_.bond(device, false);
    return device;
  }
  // The device's end; nothing that reads is left once it was refused.
  UniqueFd connect(const std::string& device) {
    std::optional<std::optional<std::string>> ended;
    auto end = bluez_.managers().connect(kUuid, device, [&ended](const auto& error) { ended = error; });
    EXPECT_TRUE(becomes([&ended] { return ended.has_value(); }));
    refusal_ = ended.value_or(std::nullopt);
    return end;
  }
  static void write(const UniqueFd& end, BytesView octets) {
    ASSERT_EQ(::send(end.get(), octets.data(), octets.size(), MSG_NOSIGNAL), static_cast<ssize_t>(octets.size()));
  }
  // What has come so far; nothing more follows the end of the stream.
  bool read(const UniqueFd& end) {
    std::array<std::uint8_t, 4096> piece{};
    const auto size = ::recv(end.get(), piece.data(), piece.size(), MSG_DONTWAIT);
    if (size > 0) append(read_, BytesView{piece}.first(static_cast<std::size_t>(size)));
    return size == 0 || (size < 0 && errno == ECONNRESET);
  }

  signet::testing::PrivateBus bus_;
  boost::asio::io_context loop_{1};
  std::unique_ptr<sdbus::IConnection> own_;
  FakeBluez bluez_;
  std::optional<dbus::AsioBus> pump_;
  std::optional<BluezObjects> objects_;
  std::optional<RfcommProfile> profile_;
  std::vector<std::pair<StreamId, std::string>> opened_;
  std::map<StreamId, Bytes> received_;
  std::vector<StreamId> closed_;
  std::optional<std::string> refusal_;
  Bytes read_;
};

TEST_F(RfcommProfileTest, AsksForAnEncryptedLinkAndAnyChannel) {
  serve();

  const auto& profile = bluez_.managers().profiles().at(kUuid);
  EXPECT_EQ(profile.options.at("Role").get<std::string>(), "server");
  EXPECT_TRUE(profile.options.at("RequireAuthentication").get<bool>());
  EXPECT_EQ(profile.options.at("Channel").get<std::uint16_t>(), 0);
}

TEST_F(RfcommProfileTest, OctetsPassBothWays) {
  serve();
  const auto device = bonded_device();

  const auto end = connect(device);
  ASSERT_EQ(opened_.size(), 1U);
  write(end, Bytes{1, 2, 3});
  profile_->send(opened_[0].first, Bytes{4, 5});

  EXPECT_EQ(refusal_, std::nullopt);
  EXPECT_EQ(opened_[0].second, device);
  EXPECT_TRUE(becomes([this] { return received_[opened_[0].first] == Bytes{1, 2, 3}; }));
  EXPECT_TRUE(becomes([&] {
    read(end);
    return read_ == Bytes{4, 5};
  }));
}

TEST_F(RfcommProfileTest, ADeviceThatIsNotBondedIsRefused) {
  serve();

  const auto end = connect(bluez_.connect("00:AA:01:01:00:01"));

  EXPECT_EQ(refusal_, "org.bluez.Error.Rejected");
  EXPECT_TRUE(opened_.empty());
  EXPECT_TRUE(becomes([&] { return read(end); }));
}

TEST_F(RfcommProfileTest, ADeviceThatVanishesEndsItsStream) {
  serve();
  auto end = connect(bonded_device());
  ASSERT_EQ(opened_.size(), 1U);

  { const UniqueFd gone = std::move(end); }

  EXPECT_TRUE(becomes([this] { return closed_ == std::vector<StreamId>{opened_[0].first}; }));
  profile_->send(opened_[0].first, Bytes{1});  // passed over
}

TEST_F(RfcommProfileTest, OneThatDribblesIsHeardOctetByOctet) {
  serve();
  const auto end = connect(bonded_device());
  ASSERT_EQ(opened_.size(), 1U);
  const auto& heard = received_[opened_[0].first];

  for (std::uint8_t octet = 0; octet < 20; ++octet) {
    write(end, Bytes{octet});
    ASSERT_TRUE(becomes([&] { return heard.size() == octet + 1U; }));
  }
}

TEST_F(RfcommProfileTest, OneThatFloodsAndReadsNothingWaitsForItself) {
  serve();
  const Bytes flood(1024, 0x55);
  profile_.reset();
  std::size_t answered = 0;
  profile_.emplace(loop_, *own_, *pump_, *objects_, "/org/signet/stream2",
                   RfcommProfile::Service{.uuid = kUuid, .name = "test"},
                   StreamListener{.opened = {},
                                  .received =
                                      [&](StreamId id, BytesView octets) {
                                        answered += octets.size();
                                        profile_->send(id, octets);
                                      },
                                  .closed = [this](StreamId id) { closed_.push_back(id); }});
  ASSERT_TRUE(becomes([this] { return bluez_.managers().profiles().contains(kUuid); }));
  const auto echoed = connect(bonded_device());

  std::size_t sent = 0;
  for (int i = 0; i < 4000; ++i) {
    const auto size = ::send(echoed.get(), flood.data(), flood.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size > 0) sent += static_cast<std::size_t>(size);
    loop_.restart();
    loop_.poll();
  }
  EXPECT_LT(sent, 4000U * 1024U);  // it has had to stop
  EXPECT_TRUE(closed_.empty());

  EXPECT_TRUE(becomes([&] {
    read(echoed);
    return read_.size() == sent;
  }));  // and goes on when it reads
  EXPECT_EQ(answered, sent);
}

TEST_F(RfcommProfileTest, OneThatTakesNothingOfWhatItIsToldLosesItsStream) {
  serve();
  const auto end = connect(bonded_device());
  ASSERT_EQ(opened_.size(), 1U);

  for (int i = 0; i < 4000 && closed_.empty(); ++i) {
    profile_->send(opened_[0].first, Bytes(1024, 0x55));
    loop_.restart();
    loop_.poll();
  }

  EXPECT_EQ(closed_, std::vector<StreamId>{opened_[0].first});
}

TEST_F(RfcommProfileTest, TheNewerStreamOfADeviceTakesThePlaceOfTheOlder) {
  serve();
  const auto device = bonded_device();
  const auto older = connect(device);
  const auto newer = connect(device);

  ASSERT_EQ(opened_.size(), 2U);
  EXPECT_TRUE(becomes([&] { return read(older) && !closed_.empty(); }));
  EXPECT_EQ(closed_, std::vector<StreamId>{opened_[0].first});
  EXPECT_FALSE(read(newer));
}

TEST_F(RfcommProfileTest, ThereIsRoomForAFew) {
  serve();
  std::vector<UniqueFd> ends;
  for (std::size_t i = 0; i < kMostStreams; ++i) {
    ends.push_back(connect(bonded_device("00:AA:01:01:00:0" + std::to_string(i))));
    EXPECT_EQ(refusal_, std::nullopt);
  }

  ends.push_back(connect(bonded_device("00:AA:01:01:00:0F")));

  EXPECT_EQ(refusal_, "org.bluez.Error.Rejected");
  EXPECT_EQ(opened_.size(), kMostStreams);
}

TEST_F(RfcommProfileTest, ADisconnectionThatIsRequestedClosesTheStream) {
  serve();
  const auto device = bonded_device();
  const auto end = connect(device);
  ASSERT_EQ(opened_.size(), 1U);

  bluez_.managers().request_disconnection(kUuid, device);

  EXPECT_TRUE(becomes([&] { return read(end) && closed_.size() == 1; }));
}

TEST_F(RfcommProfileTest, ClosingEndsTheStreamForThePeer) {
  serve();
  const auto end = connect(bonded_device());
  ASSERT_EQ(opened_.size(), 1U);

  profile_->close(opened_[0].first);
  profile_->close(opened_[0].first);

  EXPECT_TRUE(becomes([&] { return read(end) && closed_.size() == 1; }));
}

TEST_F(RfcommProfileTest, RegistersAgainAfterARestartOfBluetoothdAndClosesWhatWasOpen) {
  serve();
  const auto end = connect(bonded_device());
  ASSERT_EQ(opened_.size(), 1U);

  bluez_.stop();
  EXPECT_TRUE(becomes([&] { return !profile_->registered() && read(end) && closed_.size() == 1; }));
  bluez_.start();

  EXPECT_TRUE(becomes([this] { return profile_->registered() && bluez_.managers().profiles().contains(kUuid); }));
}

TEST_F(RfcommProfileTest, ARegistrationThatWasRefusedIsTriedAgain) {
  bluez_.start();
  bluez_.managers().refuse_profiles(2);

  EXPECT_TRUE(becomes([this] { return profile_->registered(); }));
}

TEST_F(RfcommProfileTest, OnlyBluetoothdMayCall) {
  serve();
  const auto stranger = sdbus::createSessionBusConnectionWithAddress(bus_.address());
  dbus::AsioBus pump{loop_, *stranger};
  const auto proxy =
      sdbus::createProxy(*stranger, sdbus::ServiceName{own_->getUniqueName()}, sdbus::ObjectPath{"/org/signet/stream"});
  std::optional<std::string> name;

  proxy->callMethodAsync("NewConnection")
      .onInterface("org.bluez.Profile1")
      .withArguments(sdbus::ObjectPath{"/x"}, sdbus::UnixFd{STDIN_FILENO}, std::map<std::string, sdbus::Variant>{})
      .uponReplyInvoke(
          [&name](std::optional<sdbus::Error> error) { name = error ? std::string{error->getName()} : ""; });
  pump.poke();

  EXPECT_TRUE(becomes([&name] { return name.has_value(); }));
  EXPECT_EQ(name, "org.freedesktop.DBus.Error.AccessDenied");
  EXPECT_TRUE(opened_.empty());
}

TEST_F(RfcommProfileTest, WhatIsNoSocketHarmsNobody) {
  serve();
  const auto device = bonded_device();
  const auto file = bus_.directory() / "file";
  std::optional<bool> ended;

  bluez_.managers().connect_with(kUuid, device, UniqueFd{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)},
                                 [&ended](const auto& error) { ended = !error; });

  EXPECT_TRUE(becomes([&] { return ended.has_value() && (opened_.empty() || closed_.size() == opened_.size()); }));
}

}  // namespace
}  // namespace signet::bluez
