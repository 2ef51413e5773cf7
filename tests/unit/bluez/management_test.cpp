#include "bluez/management.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "tests/unit/random_octets.h"

namespace signet::bluez::management {
namespace {

Bytes hex(std::string_view text) { return *from_hex(text); }

TEST(ManagementCommandTest, HeadersAreLittleEndianAndNameTheLength) {
  EXPECT_EQ(to_hex(read_index_list()), "0300ffff0000");
  EXPECT_EQ(to_hex(read_information(0x0102)), "040002010000");
  EXPECT_EQ(to_hex(read_advertising_features(0)), "3d0000000000");
}

TEST(ManagementCommandTest, ExtendedParametersCarryFlagsAndOneInterval) {
  const Parameters parameters{.instance = 3, .flags = kConnectable | kWithIntervals, .interval = 0x0640};

  const auto frame = add_extended_parameters(1, parameters);

  EXPECT_EQ(to_hex(frame),
            "540001001200"
            "03"
            "01400000"
            "0000"
            "0000"
            "40060000"
            "40060000"
            "7f");
}

TEST(ManagementCommandTest, ExtendedDataAreSentAsTheyAre) {
  const auto frame = add_extended_data(0, 2, hex("020106"));

  EXPECT_EQ(to_hex(frame),
            "550000000600"
            "02"
            "03"
            "00"
            "020106");
}

TEST(ManagementCommandTest, TheOlderCommandCarriesBoth) {
  const Parameters parameters{.instance = 5, .flags = kConnectable, .duration_s = 1, .interval = 0x0640};

  const auto frame = add_advertising(0, parameters, hex("020106"));

  EXPECT_EQ(to_hex(frame),
            "3e0000000e00"
            "05"
            "01000000"
            "0100"
            "0000"
            "03"
            "00"
            "020106");
}

TEST(ManagementCommandTest, RemovalNamesTheInstance) { EXPECT_EQ(to_hex(remove_advertising(0, 3)), "3f000000010003"); }

TEST(ManagementEventTest, ACompletedCommandHasStatusAndParameters) {
  const auto event =
      decode(hex("010001000400"
                 "5500"
                 "00"
                 "03"));

  ASSERT_TRUE(event);
  const auto& done = std::get<CommandDone>(*event);
  EXPECT_EQ(done.index, 1);
  EXPECT_EQ(done.opcode, Opcode::add_extended_data);
  EXPECT_EQ(done.status, Status::success);
  EXPECT_EQ(done.parameters, Bytes{3});
}

TEST(ManagementEventTest, AFailedCommandHasAStatus) {
  const auto event =
      decode(hex("020001000300"
                 "5400"
                 "14"));

  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<CommandDone>(*event).status, Status::permission_denied);
}

TEST(ManagementEventTest, ControllersComeAndGo) {
  EXPECT_EQ(std::get<IndexAdded>(*decode(hex("040002000000"))).index, 2);
  EXPECT_EQ(std::get<IndexRemoved>(*decode(hex("050002000000"))).index, 2);
  EXPECT_EQ(std::get<IndexAdded>(*decode(hex("2000020002000001"))).index, 2);
  EXPECT_EQ(std::get<IndexRemoved>(*decode(hex("2100020002000001"))).index, 2);
}

TEST(ManagementEventTest, SettingsArriveWhole) {
  EXPECT_EQ(std::get<NewSettings>(*decode(hex("06000000040001220000"))).current, 0x2201U);
}

TEST(ManagementEventTest, ARemovedInstanceIsNamed) {
  EXPECT_EQ(std::get<AdvertisingRemoved>(*decode(hex("24000000010003"))).instance, 3);
}

TEST(ManagementEventTest, OthersAreKnownByTheirCode) {
  EXPECT_EQ(std::get<Other>(*decode(hex("120000000000"))).code, 0x12);
}

TEST(ManagementEventTest, AFrameShorterThanItSaysIsAnError) {
  for (const auto* frame : {"", "0100", "0100010004005500", "0100010002005500", "060000000300012200", "240000000000"}) {
    const auto event = decode(hex(frame));

    ASSERT_FALSE(event) << frame;
    EXPECT_EQ(event.error().code, Errc::io);
  }
}

TEST(ManagementEventTest, OctetsBeyondTheFrameAreIgnored) { EXPECT_TRUE(decode(hex("24000000010003ffff"))); }

TEST(ManagementReplyTest, TheIndexListIsReadWhole) {
  EXPECT_EQ(*decode_index_list(hex("020001000500")), (std::vector<std::uint16_t>{1, 5}));
  EXPECT_FALSE(decode_index_list(hex("0300010005")));
  EXPECT_FALSE(decode_index_list(hex("ffff")));
}

TEST(ManagementReplyTest, InformationHasTheAddressInWrittenOrder) {
  const auto information =
      decode_information(hex("00000001aa00"
                             "09"
                             "f105"
                             "01022000"
                             "01020000"
                             "000000"));

  ASSERT_TRUE(information);
  EXPECT_EQ(to_string(information->address), "00:AA:01:00:00:00");
  EXPECT_EQ(information->supported, 0x00200201U);
  EXPECT_EQ(information->current, 0x0201U);
}

TEST(ManagementReplyTest, FeaturesListTheInstancesInUse) {
  const auto features =
      decode_advertising_features(hex("8f000000"
                                      "fb"
                                      "fb"
                                      "03"
                                      "02"
                                      "0103"));

  ASSERT_TRUE(features);
  EXPECT_EQ(features->flags & kSecondary1M, kSecondary1M);
  EXPECT_EQ(features->longest_data, 251);
  EXPECT_EQ(features->instances, 3);
  EXPECT_EQ(features->present, (std::vector<std::uint8_t>{1, 3}));
  EXPECT_FALSE(decode_advertising_features(hex("8f000000fbfb030201")));
}

TEST(ManagementReplyTest, EveryStatusHasAText) {
  EXPECT_EQ(describe(Status::busy), "busy");
  EXPECT_EQ(describe(Status{0x42}), "status 0x42");
}

// Every octet that is read must be there: the sanitizers judge.
TEST(ManagementEventTest, RandomAndDamagedFramesNeverHarm) {
  RandomOctets random{2};
  const std::string valid{"\x01\x00\x01\x00\x04\x00\x55\x00\x00\x03", 10};
  std::size_t good = 0;
  for (int i = 0; i < kRandomStrings; ++i) {
    const auto text = random.below(2) == 0 ? random.text(40) : random.damaged(valid);
    const Bytes frame(text.begin(), text.end());

    if (decode(frame)) ++good;
    (void)decode_index_list(frame);
    (void)decode_information(frame);
    (void)decode_advertising_features(frame);
  }
  EXPECT_GT(good, 0U);
  EXPECT_LT(good, static_cast<std::size_t>(kRandomStrings));
}

}  // namespace
}  // namespace signet::bluez::management
