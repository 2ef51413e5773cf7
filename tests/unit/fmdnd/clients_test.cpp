#include "fmdnd/clients.h"

#include <gmock/gmock.h>

#include "tests/unit/fmdnd/fakes.h"

namespace signet::fmdnd {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kSilent = "/dev_silent";  // connects, and asks for nothing
const std::string kOwner = "/dev_owner";

class ClientsTest : public ::testing::Test {
 protected:
  std::optional<ClientId> asks(const std::string& device) { return clients_.admit({.device = device}); }

  bool counts_ = true;
  Clients::Time now_{1h};
  FakeConnections connections_;
  Clients clients_{connections_, [this](const std::string&) { return counts_; }, [this] { return now_; }};
};

TEST_F(ClientsTest, WhoConnectsAndAsksForNothingMakesRoomAfterItsTime) {
  connections_.seen(kSilent);
  now_ += bluez::SingleClient::kIdle;

  EXPECT_TRUE(asks(kOwner));

  EXPECT_THAT(connections_.disconnected, ElementsAre(kSilent));
}

TEST_F(ClientsTest, WhoHasJustConnectedMayHaveSomethingToAsk) {
  connections_.seen(kOwner);
  now_ += bluez::SingleClient::kIdle - 1s;

  EXPECT_FALSE(asks("/dev_other"));

  EXPECT_TRUE(asks(kOwner));
  EXPECT_THAT(connections_.disconnected, ::testing::Each("/dev_other"));
}

TEST_F(ClientsTest, WhoConnectsDoesNotListenToTheAnswersToAnother) {
  const auto owner = asks(kOwner);
  clients_.authenticated(*owner);
  now_ += 1h;

  connections_.seen(kSilent);

  EXPECT_THAT(connections_.disconnected, ElementsAre(kSilent));
  EXPECT_EQ(clients_.present(), owner);
}

TEST_F(ClientsTest, WhatDoesNotCountIsLeftAlone) {
  counts_ = false;
  connections_.seen("/dev_headphones");
  now_ += 1h;

  EXPECT_TRUE(asks(kOwner));
  connections_.seen("/dev_keyboard");

  EXPECT_THAT(connections_.disconnected, IsEmpty());
}

TEST_F(ClientsTest, WhoHasOnlyConnectedIsNotHeardOfWhenItGoes) {
  std::vector<std::string> heard;
  clients_.listen([&heard](ClientId, const std::string& device) { heard.push_back(device); });
  connections_.seen(kSilent);

  connections_.leave(kSilent);

  EXPECT_THAT(heard, IsEmpty());
  EXPECT_TRUE(asks(kOwner));
}

}  // namespace
}  // namespace signet::fmdnd
