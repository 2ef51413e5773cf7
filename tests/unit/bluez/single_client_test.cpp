#include "bluez/single_client.h"

#include <gtest/gtest.h>

namespace signet::bluez {
namespace {

using namespace std::chrono_literals;

const std::string kOwner = "/org/bluez/hci0/dev_owner";
const std::string kOther = "/org/bluez/hci0/dev_other";

class SingleClientTest : public testing::Test {
 protected:
  SingleClient::Verdict arrives_at(const std::string& device, std::chrono::milliseconds when) {
    return client_.arrives(device, SingleClient::Time{when});
  }
  SingleClient client_;
};

TEST_F(SingleClientTest, TheFirstOneIsLetIn) {
  const auto verdict = arrives_at(kOwner, 0s);

  EXPECT_EQ(verdict, (SingleClient::Verdict{.admitted = true}));
  EXPECT_EQ(client_.present(), kOwner);
}

TEST_F(SingleClientTest, ANewcomerIsRefusedWhileThePresentOneIsBusy) {
  arrives_at(kOwner, 0s);

  const auto verdict = arrives_at(kOther, 9'999ms);

  EXPECT_EQ(verdict, (SingleClient::Verdict{.admitted = false}));
  EXPECT_EQ(client_.present(), kOwner);
}

TEST_F(SingleClientTest, AnIdleClientThatProvedNothingMakesRoom) {
  arrives_at(kOwner, 0s);

  const auto verdict = arrives_at(kOther, 10s);

  EXPECT_EQ(verdict, (SingleClient::Verdict{.admitted = true, .let_go = kOwner}));
  EXPECT_EQ(client_.present(), kOther);
}

TEST_F(SingleClientTest, EveryRequestBeginsTheIdleTimeAnew) {
  arrives_at(kOwner, 0s);
  arrives_at(kOwner, 8s);

  EXPECT_FALSE(arrives_at(kOther, 17s).admitted);
  EXPECT_TRUE(arrives_at(kOther, 18s).admitted);
}

TEST_F(SingleClientTest, WhoIsBusyStaysUntilThatIsOverAndTenSecondsIdleMore) {
  arrives_at(kOwner, 0s);
  client_.busy(kOwner, true, SingleClient::Time{1s});
  client_.busy(kOwner, true, SingleClient::Time{2s});
  ASSERT_FALSE(arrives_at(kOther, 200s).admitted);

  client_.busy(kOwner, false, SingleClient::Time{200s});
  client_.busy(kOwner, false, SingleClient::Time{205s});

  EXPECT_FALSE(arrives_at(kOther, 209s).admitted);
  EXPECT_EQ(arrives_at(kOther, 210s), (SingleClient::Verdict{.admitted = true, .let_go = kOwner}));
  client_.busy(kOwner, true, SingleClient::Time{211s});
  EXPECT_TRUE(arrives_at(kOwner, 220s).admitted) << "who has gone keeps nobody out";
}

TEST_F(SingleClientTest, WhatWasProvedToAnEarlierOwnersDeviceKeepsNobodyOut) {
  arrives_at(kOwner, 0s);
  client_.authenticated(kOwner);
  ASSERT_FALSE(arrives_at(kOther, 100s).admitted);

  client_.distrust(SingleClient::Time{100s});

  EXPECT_FALSE(arrives_at(kOther, 109s).admitted);
  EXPECT_EQ(arrives_at(kOther, 110s), (SingleClient::Verdict{.admitted = true, .let_go = kOwner}));
}

TEST_F(SingleClientTest, WhoProvesNothingMakesRoomAfterAMinuteHoweverMuchItAsks) {
  for (auto when = 0s; when < 60s; when += 9s) arrives_at(kOwner, when);

  EXPECT_FALSE(arrives_at(kOther, 59'999ms).admitted);
  EXPECT_EQ(arrives_at(kOther, 60s), (SingleClient::Verdict{.admitted = true, .let_go = kOwner}));
}

TEST_F(SingleClientTest, WhoTakesThePlaceHasAMinuteOfItsOwn) {
  for (auto when = 0s; when < 60s; when += 9s) arrives_at(kOwner, when);
  arrives_at(kOther, 60s);
  arrives_at(kOther, 68s);

  EXPECT_FALSE(arrives_at(kOwner, 77s).admitted);
}

TEST_F(SingleClientTest, AnAuthenticatedClientStaysHoweverIdle) {
  arrives_at(kOwner, 0s);
  client_.authenticated(kOwner);

  EXPECT_FALSE(arrives_at(kOther, 1h).admitted);
}

TEST_F(SingleClientTest, ARefusedNewcomerDoesNotGetInByAuthenticating) {
  arrives_at(kOwner, 0s);
  arrives_at(kOther, 1s);
  client_.authenticated(kOther);

  EXPECT_TRUE(arrives_at(kOther, 10s).admitted) << "the one present proved nothing";
}

TEST_F(SingleClientTest, WhoTakesThePlaceHasToProveHimselfAnew) {
  arrives_at(kOwner, 0s);
  client_.authenticated(kOwner);
  client_.gone(kOwner);
  arrives_at(kOther, 1s);

  EXPECT_EQ(arrives_at(kOwner, 11s).let_go, kOther);
}

TEST_F(SingleClientTest, TheLeavingOfSomebodyElseChangesNothing) {
  arrives_at(kOwner, 0s);
  client_.gone(kOther);

  EXPECT_EQ(client_.present(), kOwner);
}

}  // namespace
}  // namespace signet::bluez
