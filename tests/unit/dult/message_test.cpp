#include "dult/message.h"

#include <gtest/gtest.h>

#include "base/endian.h"
#include "base/hex.h"

namespace signet::dult {
namespace {

TEST(Message, OpcodesAndIntegersAreLittleEndian) {
  EXPECT_EQ(to_hex(message(Opcode::sound_start)), "0003");
  EXPECT_EQ(to_hex(message(0xbeef, Bytes{1, 2})), "efbe0102");
  EXPECT_EQ(to_hex(command_response(0x0404, Status::invalid_command)), "02030404ffff");
}

TEST(Message, AResponseHasTheOpcodeOfTheRequestAndABit) {
  EXPECT_EQ(response_to(Opcode::get_product_data), 0x0803);
  EXPECT_EQ(response_to(Opcode::get_network_version), 0x080d);
}

TEST(Message, AVersionIsRevisionMinorMajor) {
  Bytes octets;
  append_le(octets, packed({0x0102, 3, 4}));

  EXPECT_EQ(to_hex(octets), "04030201");
  EXPECT_EQ(unpacked_version(0x01020304), (Version{0x0102, 3, 4}));
  EXPECT_EQ(to_string(Version{258, 3, 4}), "258.3.4");
}

TEST(Message, OpcodesHaveNames) {
  EXPECT_EQ(opcode_name(0x0003), "Get_Product_Data");
  EXPECT_EQ(opcode_name(0x080c), "Get_Battery_Level_Response");
  EXPECT_EQ(opcode_name(0x0301), "Sound_Stop");
  EXPECT_EQ(opcode_name(0x0405), "Get_Identifier_Response");
  EXPECT_EQ(opcode_name(0x000e), "0x000e");
  EXPECT_EQ(opcode_name(0x0b00), "0x0b00");
}

TEST(Message, StatusesHaveNames) {
  EXPECT_EQ(status_name(0x0000), "success");
  EXPECT_EQ(status_name(0x0001), "invalid state");
  EXPECT_EQ(status_name(0x0002), "invalid configuration");
  EXPECT_EQ(status_name(0x0003), "invalid length");
  EXPECT_EQ(status_name(0x0004), "invalid parameter");
  EXPECT_EQ(status_name(0xffff), "invalid command");
  EXPECT_EQ(status_name(0x0005), "0x0005");
}

TEST(Message, NumbersWithoutANameStayNumbers) {
  EXPECT_EQ(network_name(1), "Apple");
  EXPECT_EQ(network_name(2), "Google");
  EXPECT_EQ(network_name(3), "3");
  EXPECT_EQ(battery_type_name(1), "non-rechargeable");
  EXPECT_EQ(battery_type_name(3), "3");
  EXPECT_EQ(battery_level_name(3), "critically low");
  EXPECT_EQ(battery_level_name(255), "255");
}

TEST(Message, CapabilitiesAreListedReservedOnesByTheirBit) {
  EXPECT_EQ(capabilities_text(0), "none");
  EXPECT_EQ(capabilities_text(0x0f), "play sound, motion detector, lookup by NFC, lookup by BLE");
  EXPECT_EQ(capabilities_text(0x80000011), "play sound, bit 4, bit 31");
}

}  // namespace
}  // namespace signet::dult
