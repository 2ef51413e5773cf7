// The message stream of an ordinary device, as a phone meets it.
#include <gmock/gmock.h>

#include "base/hex.h"
#include "tests/unit/fmdnd/accessory_fixture.h"
#include "tests/unit/random_octets.h"

namespace signet::fmdnd {
namespace {

using fastpair::Message;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct FakeStreams final : bluez::Streams {
  void send(bluez::StreamId stream, BytesView octets) override { append(sent[stream], octets); }
  void close(bluez::StreamId) override {}
  std::map<bluez::StreamId, Bytes> sent;
};

class StreamTest : public AccessoryFixture {
 protected:
  StreamTest() { config_.device.locator_tag = false; }

  void begin() {
    start();
    listener_ = accessory_->stream_listener();
    accessory_->answer_through(streams_);
  }
  void provision() {
    Record record{fastpair::KeepKeys::recently_used};
    ASSERT_TRUE(record.keys.add(fastpair::AccountKey{std::array<std::uint8_t, 16>{4, 1, 2, 3}}));
    record.eik = eik_.clone();
    const auto octets = encode(record);
    vault_.record = Bytes(octets.view().begin(), octets.view().end());
  }
  std::vector<Message> open(bluez::StreamId stream = 1) {
    listener_.opened(stream, "/phone");
    return heard(stream);
  }
  // Since the last time.
  std::vector<Message> heard(bluez::StreamId stream = 1) {
    return fastpair::MessageReader{}.take(std::exchange(streams_.sent[stream], {}));
  }
  std::vector<Message> say(const Message& message) {
    listener_.received(1, *fastpair::encode(message));
    return heard();
  }
  static std::string hex(const Message& message) { return to_hex(*fastpair::encode(message)); }

  const fmdn::Eik eik_{std::array<std::uint8_t, 32>{0x11, 0x22, 0x33}};
  FakeStreams streams_;
  bluez::StreamListener listener_;
};

TEST_F(StreamTest, APhoneThatConnectsHearsWhatThisIs) {
  begin();

  const auto greeting = open();

  ASSERT_EQ(greeting.size(), 4U);
  EXPECT_EQ(hex(greeting[0]), "030100039266e8");
  EXPECT_EQ(greeting[1],
            fastpair::ble_address(air_->address(bluez::Slot::fast_pair).value_or(air_->controller().identity)));
  EXPECT_EQ(greeting[2].code, 0x0a);
  EXPECT_EQ(greeting[2].data.size(), 8U);
  EXPECT_EQ(hex(greeting[3]), "03090005312e302e30");
}

TEST_F(StreamTest, TheSessionNonceIsNewForEveryStream) {
  begin();

  EXPECT_NE(open(1)[2], open(2)[2]);
}

TEST_F(StreamTest, ABeaconTellsItsIdentifierAndTheClockThatItBelongsTo) {
  provision();
  begin();

  const auto greeting = open();

  const auto eid = fmdn::identity_at(eik_, clock_->now(), config_.beacon.curve)->eid;
  ASSERT_EQ(greeting.size(), 5U);
  EXPECT_EQ(greeting[4], fastpair::current_eid(clock_->now(), eid));
}

TEST_F(StreamTest, WhetherItIsProvisionedIsToldWhenAsked) {
  begin();
  const auto address = open()[1].data;

  const auto before = say({.group = 6, .code = 1, .data = {}});
  provision();
  restart();
  begin();
  open();
  const auto after = say({.group = 6, .code = 1, .data = {}});

  ASSERT_EQ(before.size(), 1U);
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(hex(before[0]), "0603000700" + to_hex(address));
  EXPECT_EQ(hex(after[0]).substr(0, 10), "0603000701");
}

TEST_F(StreamTest, ThePhoneRingsItAndStopsIt) {
  config_.sound.components = 2;
  begin();
  open();

  const auto left = say({.group = 4, .code = 1, .data = {2}});
  EXPECT_EQ(sound_.sounds->first, fmdn::kLeft);
  const auto both = say({.group = 4, .code = 1, .data = {3, 30}});
  EXPECT_EQ(sound_.sounds->first, fmdn::kLeft | fmdn::kRight);
  const auto stop = say({.group = 4, .code = 1, .data = {0}});
  EXPECT_FALSE(sound_.sounds);

  for (const auto& answer : {left, both, stop}) {
    ASSERT_EQ(answer.size(), 1U);
    EXPECT_EQ(hex(answer[0]), "ff0100020401");
  }
}

TEST_F(StreamTest, RingingEndsWhenItsTimeIsOver) {
  begin();
  open();
  say({.group = 4, .code = 1, .data = {1, 1}});
  ASSERT_TRUE(sound_.sounds);

  run_for(std::chrono::milliseconds{1100});

  EXPECT_FALSE(sound_.sounds);
}

TEST_F(StreamTest, WhatItCannotRingWithIsRefused) {
  begin();
  open();

  EXPECT_THAT(say({.group = 4, .code = 1, .data = {2}}),
              ElementsAre(fastpair::refuse({4, 1, {}}, fastpair::NakReason::unsupported)));
  EXPECT_THAT(say({.group = 4, .code = 1, .data = {9}}),
              ElementsAre(fastpair::refuse({4, 1, {}}, fastpair::NakReason::unsupported)));
  EXPECT_THAT(say({.group = 4, .code = 1, .data = {}}),
              ElementsAre(fastpair::refuse({4, 1, {}}, fastpair::NakReason::unsupported)));
  EXPECT_FALSE(sound_.sounds);
}

TEST_F(StreamTest, ASoundThatDoesNotComeIsNotAcknowledged) {
  sound_.broken = true;
  begin();
  open();

  EXPECT_THAT(say({.group = 4, .code = 1, .data = {1}}),
              ElementsAre(fastpair::refuse({4, 1, {}}, fastpair::NakReason::device_busy)));
}

TEST_F(StreamTest, WhatIsNotKnownIsPassedOver) {
  begin();
  open();

  EXPECT_THAT(say({.group = 0x77, .code = 1, .data = Bytes(900)}), IsEmpty());
  EXPECT_THAT(say({.group = 6, .code = 1, .data = {1}}), IsEmpty());
  EXPECT_THAT(say({.group = 3, .code = 5, .data = {}}), ElementsAre(fastpair::active_components(1)));
}

TEST_F(StreamTest, PhonesThatAreConnectedHearOfANewAddress) {
  provision();
  begin();
  const auto before = open()[1];

  ASSERT_TRUE(accessory_->start_pairing(seconds{60}));
  run_for();

  for (const auto& message : heard()) {
    EXPECT_EQ(message.code, 0x02);
    EXPECT_NE(message, before);
  }
}

TEST_F(StreamTest, WhoeverHasGoneHearsNothing) {
  begin();
  open();
  listener_.closed(1);

  EXPECT_THAT(say({.group = 6, .code = 1, .data = {}}), IsEmpty());
}

TEST_F(StreamTest, RandomOctetsInAnyPiecesHarmNothing) {
  config_.sound.components = 3;
  begin();
  open();
  RandomOctets random{71};

  for (int i = 0; i < kRandomStrings; ++i) listener_.received(1, as_bytes(random.text(300)));
  listener_.closed(1);
  open(2);
  listener_.received(2, Bytes{6, 1, 0, 0});

  ASSERT_EQ(heard(2).size(), 1U);
}

}  // namespace
}  // namespace signet::fmdnd
