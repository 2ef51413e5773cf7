#include "dult/product.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace signet::dult {
namespace {

Product good() { return {.model_id = {1, 2, 3}, .manufacturer = "Acme", .model = "Tag"}; }

std::string refusal(const Product& product) {
  const auto checked = check(product);
  if (checked) return "taken";
  EXPECT_EQ(checked.error().code, Errc::invalid_argument);
  return checked.error().context;
}

std::string refusal_of_name(std::string name) {
  Product product = good();
  product.model = std::move(name);
  return refusal(product);
}

TEST(Product, ProductDataIsTheModelIdBehindZeros) {
  EXPECT_EQ(to_hex(product_data({0xff, 0xff, 0xff})), "0000000000ffffff");
}

TEST(Product, AGoodOneIsTaken) { EXPECT_EQ(refusal(good()), "taken"); }

TEST(Product, NamesHaveOneTo64Octets) {
  EXPECT_EQ(refusal_of_name(""), "model: has 0 octets, must have 1 to 64");
  EXPECT_EQ(refusal_of_name(std::string(64, 'm')), "taken");
  EXPECT_EQ(refusal_of_name(std::string(65, 'm')), "model: has 65 octets, must have 1 to 64");
  Product product = good();
  product.manufacturer = "";
  EXPECT_EQ(refusal(product), "manufacturer: has 0 octets, must have 1 to 64");
}

TEST(Product, NamesAreUtf8) {
  for (const char* name : {"Tag\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x94\x91", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(refusal_of_name(name), "taken") << name;
  }
  for (const char* name : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                           "\xf5\x80\x80\x80", "\xe2\x82", "\xff", "\xf0\x9f\x94"}) {
    EXPECT_EQ(refusal_of_name(name), "model: is not UTF-8") << to_hex(as_bytes(name));
  }
}

TEST(Product, NamesHaveNoControlCharacters) {
  EXPECT_EQ(refusal_of_name("Tag\n"), "model: must not have control characters");
  EXPECT_EQ(refusal_of_name(std::string{"T\0g", 3}), "model: must not have control characters");
  EXPECT_EQ(refusal_of_name("Tag\x7f"), "model: must not have control characters");
}

TEST(Product, AReservedCategoryIsRefused) {
  Product product = good();
  product.category = 2;

  EXPECT_EQ(refusal(product), "category: 2 is reserved");
}

TEST(Product, ReservedCapabilitiesAreRefused) {
  Product product = good();
  product.capabilities = 0x1ff;
  EXPECT_EQ(refusal(product), "taken");
  product.capabilities = 0x200;
  EXPECT_EQ(refusal(product), "capabilities: bits 9 to 31 are reserved");
}

TEST(Product, AMotionDetectorNeedsASound) {
  Product product = good();
  product.capabilities = kDetectsMotion | kLookupByBle;

  EXPECT_EQ(refusal(product), "capabilities: a motion detector needs a sound");
}

TEST(Product, FirmwareBelowOneIsRefused) {
  Product product = good();
  product.firmware = {0, 255, 255};

  EXPECT_EQ(refusal(product), "firmware: 0.255.255 is below 1.0.0");
}

TEST(Product, TheLongestNameFitsAnIndicationOfTheLeastMtu) {
  Product product = good();
  product.manufacturer = std::string(64, 'm');

  const auto response = information(product, 0x0004);

  ASSERT_TRUE(response);
  EXPECT_EQ(response->size() + 3, 69u);
}

TEST(Product, ControlsAreNoInformation) {
  for (Opcode opcode : {Opcode::sound_start, Opcode::sound_stop, Opcode::command_response, Opcode::sound_completed,
                        Opcode::get_identifier, Opcode::get_identifier_response}) {
    EXPECT_EQ(information(good(), static_cast<std::uint16_t>(opcode)), std::nullopt);
  }
  EXPECT_EQ(information(good(), 0x0803), std::nullopt);
}

}  // namespace
}  // namespace signet::dult
