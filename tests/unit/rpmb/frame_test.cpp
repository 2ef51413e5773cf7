#include "rpmb/frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "tests/unit/random_octets.h"

namespace signet::rpmb {
namespace {

constexpr Nonce kNonce = {0xa0, 0xa1, 0xa2};

Block block_of(std::uint8_t value) {
  Block block;
  block.fill(value);
  return block;
}

// The frame as an array of octets that are zero but for the given ones.
Frame zeros_with(std::initializer_list<std::pair<std::size_t, std::uint8_t>> octets) {
  Frame frame{};
  for (auto [offset, value] : octets) frame[offset] = value;
  return frame;
}

TEST(Frame, FieldsLieWhereTheStandardPutsThem) {
  Fields fields;
  fields.stuff[0] = 1;
  fields.key_mac[0] = 2;
  fields.data[0] = 3;
  fields.nonce[0] = 4;
  fields.write_counter = 0x05060708;
  fields.address = 0x090a;
  fields.block_count = 0x0b0c;
  fields.result = 0x0d0e;
  fields.type = 0x0f10;

  EXPECT_EQ(encode(fields), zeros_with({{0, 1},
                                        {196, 2},
                                        {228, 3},
                                        {484, 4},
                                        {500, 5},
                                        {501, 6},
                                        {502, 7},
                                        {503, 8},
                                        {504, 9},
                                        {505, 0x0a},
                                        {506, 0x0b},
                                        {507, 0x0c},
                                        {508, 0x0d},
                                        {509, 0x0e},
                                        {510, 0x0f},
                                        {511, 0x10}}));
}

TEST(Frame, DecodingUndoesEncodingForEveryOctet) {
  Frame frame;
  for (std::size_t i = 0; i < frame.size(); ++i) frame[i] = static_cast<std::uint8_t>(i * 31 + 7);

  EXPECT_EQ(encode(decode(frame)), frame);
}

TEST(Frame, AnyOctetsAreTakenApartAndPutTogetherAgain) {
  RandomOctets random{1};
  for (int i = 0; i < kRandomStrings; ++i) {
    const auto frame = random.filled<Frame>();
    const Fields fields = decode(frame);

    ASSERT_EQ(encode(fields), frame) << i;
    ASSERT_EQ(fields.type, type(frame)) << i;
  }
}

TEST(Frame, SingleFieldsAgreeWithTheWhole) {
  Frame frame;
  for (std::size_t i = 0; i < frame.size(); ++i) frame[i] = static_cast<std::uint8_t>(i * 13 + 5);
  Fields fields = decode(frame);

  EXPECT_EQ(write_counter(frame), fields.write_counter);
  EXPECT_EQ(address(frame), fields.address);
  EXPECT_EQ(block_count(frame), fields.block_count);
  EXPECT_EQ(result(frame), fields.result);
  EXPECT_EQ(type(frame), fields.type);
  EXPECT_TRUE(std::ranges::equal(payload(frame), fields.data));
  EXPECT_TRUE(std::ranges::equal(nonce(frame), fields.nonce));
  EXPECT_TRUE(std::ranges::equal(key_mac(frame), fields.key_mac));
}

// The value published with the WeChat TEE specification.
TEST(Frame, TheMacOfOneFrameIsAsPublished) {
  crypto::HmacKey key{as_bytes("AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHH")};
  Frame frame{};
  std::fill(frame.begin() + at::kData, frame.end(), std::uint8_t{0x55});

  EXPECT_EQ(to_hex(transfer_mac(key, std::span{&frame, 1})),
            "61166722a0936674bb75f8870e5ed4592cd699c014a69370bdffea3e8e84524e");
}

TEST(Frame, TheMacCoversEverythingFromTheDataOnAndNothingBefore) {
  crypto::HmacKey key{as_bytes("key")};
  Frame frame{};
  crypto::Mac mac = transfer_mac(key, std::span{&frame, 1});
  for (std::size_t i = 0; i < frame.size(); ++i) {
    frame[i] ^= 1;
    EXPECT_EQ(transfer_mac(key, std::span{&frame, 1}) != mac, i >= at::kData) << i;
    frame[i] ^= 1;
  }
}

TEST(Frame, TheMacOfATransferDependsOnTheOrderOfItsFrames) {
  crypto::HmacKey key{as_bytes("key")};
  std::vector<Frame> frames = {zeros_with({{300, 1}}), zeros_with({{300, 2}})};
  crypto::Mac mac = transfer_mac(key, frames);

  std::swap(frames[0], frames[1]);

  EXPECT_NE(transfer_mac(key, frames), mac);
}

TEST(Frame, OnlyTheLastFrameCarriesTheMac) {
  crypto::HmacKey key{as_bytes("key")};
  std::vector<Frame> frames = write_request(7, 2, std::vector{block_of(1), block_of(2)});
  crypto::Mac mac = transfer_mac(key, frames);

  authenticate(key, frames);

  EXPECT_TRUE(std::ranges::equal(key_mac(frames[0]), crypto::Mac{}));
  EXPECT_TRUE(std::ranges::equal(key_mac(frames[1]), mac));
}

TEST(Request, ToProgramAKeyCarriesItAndNothingElse) {
  std::array<std::uint8_t, kKeySize> key{};
  key[0] = 0x11;
  key[31] = 0x22;

  EXPECT_EQ(key_request(key), zeros_with({{196, 0x11}, {227, 0x22}, {511, 1}}));
}

TEST(Request, ToReadTheCounterCarriesTheNonce) {
  EXPECT_EQ(counter_request(kNonce), zeros_with({{484, 0xa0}, {485, 0xa1}, {486, 0xa2}, {511, 2}}));
}

TEST(Request, ToReadDataCarriesNonceAddressAndCount) {
  EXPECT_EQ(read_request(kNonce, 0x0102, 0x0304),
            zeros_with({{484, 0xa0}, {485, 0xa1}, {486, 0xa2}, {504, 1}, {505, 2}, {506, 3}, {507, 4}, {511, 4}}));
}

TEST(Request, ForTheResultIsOneOctet) { EXPECT_EQ(result_request(), zeros_with({{511, 5}})); }

TEST(Request, ToWriteRepeatsTheHeaderInEveryFrame) {
  std::vector<Block> blocks(32);
  for (std::size_t i = 0; i < blocks.size(); ++i) blocks[i] = block_of(static_cast<std::uint8_t>(i + 1));

  std::vector<Frame> frames = write_request(0x01020304, 0x0506, blocks);

  ASSERT_EQ(frames.size(), 32u);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    Fields fields = decode(frames[i]);
    EXPECT_EQ(fields.data, blocks[i]);
    EXPECT_EQ(fields.write_counter, 0x01020304u);
    EXPECT_EQ(fields.address, 0x0506);
    EXPECT_EQ(fields.block_count, 32);
    EXPECT_EQ(fields.nonce, Nonce{});
    EXPECT_EQ(fields.type, 3);
  }
}

TEST(Result, TheExpiryBitIsNotPartOfTheCode) {
  EXPECT_EQ(result_code(0x80), ResultCode::ok);
  EXPECT_EQ(result_code(0x85), ResultCode::write_failure);
  EXPECT_EQ(result_code(0x0007), ResultCode::key_not_programmed);
}

TEST(Result, EveryCodeHasAName) {
  EXPECT_STREQ(name(ResultCode::ok), "ok");
  EXPECT_STREQ(name(ResultCode::general_failure), "general_failure");
  EXPECT_STREQ(name(ResultCode::authentication_failure), "authentication_failure");
  EXPECT_STREQ(name(ResultCode::counter_failure), "counter_failure");
  EXPECT_STREQ(name(ResultCode::address_failure), "address_failure");
  EXPECT_STREQ(name(ResultCode::write_failure), "write_failure");
  EXPECT_STREQ(name(ResultCode::read_failure), "read_failure");
  EXPECT_STREQ(name(ResultCode::key_not_programmed), "key_not_programmed");
  EXPECT_STREQ(name(static_cast<ResultCode>(0x55)), "reserved");
}

TEST(Result, AnAnswerHasTheTypeOfItsRequestEightBitsUp) {
  EXPECT_EQ(response_type(Request::program_key), 0x0100);
  EXPECT_EQ(response_type(Request::read_config), 0x0700);
}

}  // namespace
}  // namespace signet::rpmb
