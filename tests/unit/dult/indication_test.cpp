#include "dult/indication.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "dult/product.h"
#include "tests/unit/random_octets.h"

namespace signet::dult {
namespace {

Message parsed(std::string_view hex) {
  auto message = parse_indication(*from_hex(hex));
  EXPECT_TRUE(message) << hex;
  return message ? *message : Message{};
}

std::string refusal(std::string_view hex) {
  auto message = parse_indication(*from_hex(hex));
  if (message) return "taken";
  EXPECT_EQ(message.error().code, Errc::invalid_argument);
  return message.error().context;
}

std::string text(std::string_view hex) { return operand_text(parsed(hex)); }

TEST(Request, IsItsOpcode) {
  EXPECT_EQ(to_hex(request(Opcode::get_identifier)), "0404");
  EXPECT_EQ(to_hex(request(Opcode::get_product_data)), "0300");
}

TEST(Indication, EveryKindIsReadIntoItsValue) {
  EXPECT_EQ(parsed("03080000000000123456").operand, Operand{*from_hex("0000000000123456")});
  EXPECT_EQ(parsed("040841636d65").operand, Operand{std::string{"Acme"}});
  EXPECT_EQ(parsed("06088100000000000000").operand, Operand{std::uint32_t{129}});
  EXPECT_EQ(parsed("070800000100").operand, Operand{kProtocolVersion});
  EXPECT_EQ(parsed("08080b000001").operand, Operand{std::uint32_t{0x0100000b}});
  EXPECT_EQ(parsed("090802").operand, Operand{std::uint32_t{2}});
  EXPECT_EQ(parsed("0a089be90100").operand, Operand(Version{1, 233, 155}));
  EXPECT_EQ(parsed("0c0803").operand, Operand{std::uint32_t{3}});
  EXPECT_EQ(parsed("020300030100").operand, Operand(CommandResponse{0x0300, 0x0001}));
  EXPECT_EQ(parsed("0303").operand, Operand{});
  EXPECT_EQ(parsed("0504aabb").operand, Operand{*from_hex("aabb")});
}

TEST(Indication, ValuesHaveWords) {
  EXPECT_EQ(text("03080000000000123456"), "0000000000123456");
  EXPECT_EQ(text("06088100000000000000"), "luggage");
  EXPECT_EQ(text("08080b000000"), "play sound, motion detector, lookup by BLE");
  EXPECT_EQ(text("090802"), "Google");
  EXPECT_EQ(text("0a089be90100"), "1.233.155");
  EXPECT_EQ(text("0b0801"), "non-rechargeable");
  EXPECT_EQ(text("0c0802"), "low");
  EXPECT_EQ(text("0d0800030100"), "1.3.0");
  EXPECT_EQ(text("020304040000"), "Get_Identifier: success");
  EXPECT_EQ(text("02030e00ffff"), "0x000e: invalid command");
  EXPECT_EQ(text("0303"), "");
}

TEST(Indication, NamesMayBePaddedWithZeros) {
  EXPECT_EQ(text("0408"
                 "41636d65"
                 "000000"),
            "Acme");
  EXPECT_EQ(text("0508"), "");
}

TEST(Indication, NamesOfStrangersDoNotReachTheTerminalAsTheyAre) {
  EXPECT_EQ(text("04081b5b324a415c"), "\\x1b[2JA\\x5c");
  EXPECT_EQ(text("0408c3a9"), "\\xc3\\xa9");
}

TEST(Indication, AWrongSizeIsRefusedByNameAndRule) {
  EXPECT_EQ(refusal(""), "indication: has 0 octets, must have at least 2");
  EXPECT_EQ(refusal("03"), "indication: has 1 octets, must have at least 2");
  EXPECT_EQ(refusal("030800000000123456"), "Get_Product_Data_Response: has 7 octets, must have 8");
  EXPECT_EQ(refusal("0608810000"), "Get_Accessory_Category_Response: has 3 octets, must have 8");
  EXPECT_EQ(refusal("0708000001"), "Get_Protocol_Implementation_Version_Response: has 3 octets, must have 4");
  EXPECT_EQ(refusal("08080900000000"), "Get_Accessory_Capabilities_Response: has 5 octets, must have 4");
  EXPECT_EQ(refusal("0908"), "Get_Network_ID_Response: has 0 octets, must have 1");
  EXPECT_EQ(refusal("0203000301"), "Command_Response: has 3 octets, must have 4");
  EXPECT_EQ(refusal("030300"), "Sound_Completed: has 1 octets, must have 0");
  EXPECT_EQ(refusal("0504"), "Get_Identifier_Response: has no octets");
  EXPECT_EQ(refusal("0408" + std::string(130, '4')),
            "Get_Manufacturer_Name_Response: has 65 octets, must have at most 64");
}

TEST(Indication, AnOpcodeOfARequestOrOfNothingIsRefused) {
  EXPECT_EQ(refusal("0003"), "Sound_Start: is no opcode of an indication");
  EXPECT_EQ(refusal("0300"), "Get_Product_Data: is no opcode of an indication");
  EXPECT_EQ(refusal("efbe"), "0xbeef: is no opcode of an indication");
  EXPECT_EQ(refusal("000b"), "0x0b00: is no opcode of an indication");
}

TEST(Indication, SettlesTheRequestItAnswers) {
  EXPECT_TRUE(settles(parsed("090802"), Opcode::get_network_id));
  EXPECT_FALSE(settles(parsed("090802"), Opcode::get_product_data));
  EXPECT_TRUE(settles(parsed("02030900ffff"), Opcode::get_network_id));
  EXPECT_FALSE(settles(parsed("02030900ffff"), Opcode::sound_start));
  EXPECT_TRUE(settles(parsed("020300030000"), Opcode::sound_start));
  EXPECT_FALSE(settles(parsed("0303"), Opcode::sound_start));
  EXPECT_TRUE(settles(parsed("0303"), Opcode::sound_stop));
  EXPECT_TRUE(settles(parsed("020301030100"), Opcode::sound_stop));
  EXPECT_TRUE(settles(parsed("050400"), Opcode::get_identifier));
  EXPECT_FALSE(settles(parsed("050400"), Opcode::sound_stop));
}

TEST(Indication, WhatAnAccessoryAnswersIsUnderstood) {
  const Product product{.model_id = {1, 2, 3},
                        .manufacturer = "Acme",
                        .model = "Tag",
                        .battery_type = BatteryType::powered,
                        .battery_level = BatteryLevel::full,
                        .network_version = Version{1, 3, 0}};
  for (std::uint16_t opcode = 0x0003; opcode <= 0x000d; ++opcode) {
    const auto response = information(product, opcode);
    ASSERT_TRUE(response) << opcode;
    const auto message = parse_indication(*response);
    ASSERT_TRUE(message) << opcode;
    EXPECT_TRUE(settles(*message, static_cast<Opcode>(opcode))) << opcode;
    EXPECT_NE(operand_text(*message), "") << opcode;
  }
}

TEST(Indication, RandomAndDamagedOctetsAreReadOrRefused) {
  RandomOctets random{1};
  const std::string_view good[] = {
      "\x04\x08"
      "Acme",
      "\x02\x03\x05\x03\x01", "\x03\x03", "\x09\x08\x02"};
  for (int i = 0; i < kRandomStrings; ++i) {
    const std::string octets = random.below(2) == 0 ? random.text(70, random.below(2) == 0 ? "\x03\x08\x02\x04" : "")
                                                    : random.damaged(std::string{good[random.below(4)]}, "\x08\x03");
    const auto message = parse_indication(as_bytes(octets));
    if (!message) {
      EXPECT_EQ(message.error().code, Errc::invalid_argument);
      continue;
    }
    for (char c : operand_text(*message)) EXPECT_TRUE(c >= ' ' && c <= '~');
  }
}

}  // namespace
}  // namespace signet::dult
