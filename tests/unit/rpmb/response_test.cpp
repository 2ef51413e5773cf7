#include "rpmb/response.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/unit/random_octets.h"

namespace signet::rpmb {
namespace {

constexpr Nonce kNonce = {9, 8, 7};
constexpr std::uint16_t kAddress = 40;
constexpr std::uint32_t kCounter = 1000;

const crypto::HmacKey& key() {
  static const crypto::HmacKey key{as_bytes("0123456789abcdef0123456789abcdef")};
  return key;
}

// A good answer to a read of `count` blocks; `change` spoils it before it is authenticated.
std::vector<Frame> read_answer(std::uint16_t count, auto change) {
  std::vector<Frame> frames;
  for (std::uint16_t i = 0; i < count; ++i) {
    Fields fields;
    fields.data.fill(static_cast<std::uint8_t>(i));
    fields.nonce = kNonce;
    fields.address = kAddress;
    fields.block_count = count;
    fields.type = 0x0400;
    change(fields, i);
    frames.push_back(encode(fields));
  }
  authenticate(key(), frames);
  return frames;
}
std::vector<Frame> read_answer(std::uint16_t count) {
  return read_answer(count, [](Fields&, std::uint16_t) {});
}
Expectation read_expected(std::uint16_t count) {
  return {.type = 0x0400, .blocks = count, .nonce = kNonce, .address = kAddress};
}

std::vector<Frame> write_answer(auto change) {
  Fields fields;
  fields.write_counter = kCounter + 1;
  fields.address = kAddress;
  fields.type = 0x0300;
  change(fields);
  std::vector<Frame> frames{encode(fields)};
  authenticate(key(), frames);
  return frames;
}
const Expectation kWriteExpected{.type = 0x0300, .address = kAddress, .counter_before = kCounter};

Verdict judge_frames(const std::vector<Frame>& frames, const Expectation& expected) {
  return judge(std::span<const Frame>{frames}, key(), expected);
}

TEST(Judge, AcceptsAGoodReadOfAnyLength) {
  for (std::uint16_t count : {std::uint16_t{1}, std::uint16_t{2}, std::uint16_t{32}, std::uint16_t{1024}}) {
    EXPECT_EQ(judge_frames(read_answer(count), read_expected(count)), Verdict::accept) << count;
  }
}

TEST(Judge, AcceptsAGoodWriteAndAnExpiredOne) {
  EXPECT_EQ(judge_frames(write_answer([](Fields&) {}), kWriteExpected), Verdict::accept);
  EXPECT_EQ(judge_frames(write_answer([](Fields& f) { f.result = kExpired; }), kWriteExpected), Verdict::accept);
}

TEST(Judge, AFrameTooFewOrTooManyIsShort) {
  EXPECT_EQ(judge_frames(read_answer(2), read_expected(3)), Verdict::short_response);
  EXPECT_EQ(judge_frames(read_answer(3), read_expected(2)), Verdict::short_response);
  EXPECT_EQ(judge_frames({}, read_expected(1)), Verdict::short_response);
  EXPECT_EQ(judge_frames({}, read_expected(0)), Verdict::short_response);
  EXPECT_EQ(judge(BytesView{}, key(), read_expected(0)), Verdict::short_response);
}

TEST(Judge, OctetsThatAreNoWholeFramesAreShort) {
  std::vector<Frame> frames = read_answer(2);
  Bytes octets(2 * kFrameSize);
  std::memcpy(octets.data(), frames.data(), octets.size());

  EXPECT_EQ(judge(BytesView{octets}, key(), read_expected(2)), Verdict::accept);
  for (std::size_t size : {0u, 1u, 511u, 512u, 1023u}) {
    EXPECT_EQ(judge(BytesView{octets}.first(size), key(), read_expected(2)), Verdict::short_response) << size;
  }
}

TEST(Judge, EveryFrameMustBeOfTheRightType) {
  auto frames = read_answer(3, [](Fields& fields, std::uint16_t i) { fields.type = i == 1 ? 0x0200 : 0x0400; });

  EXPECT_EQ(judge_frames(frames, read_expected(3)), Verdict::type_mismatch);
}

TEST(Judge, TheHighOctetOfTheResultMustBeZeroInEveryFrame) {
  auto frames = read_answer(3, [](Fields& fields, std::uint16_t i) { fields.result = i == 2 ? 0x0100 : 0; });

  EXPECT_EQ(judge_frames(frames, read_expected(3)), Verdict::bad_result_field);
}

TEST(Judge, ABitFlippedUnderTheMacIsAMismatch) {
  for (std::size_t frame : {0u, 1u}) {
    for (std::size_t offset = at::kData; offset < at::kResult; offset += 11) {
      std::vector<Frame> frames = read_answer(2);
      frames[frame][offset] ^= 4;

      EXPECT_EQ(judge_frames(frames, read_expected(2)), Verdict::mac_mismatch) << frame << ", " << offset;
    }
  }
}

TEST(Judge, FramesInAnotherOrderAreAMismatch) {
  std::vector<Frame> frames = read_answer(2);
  std::swap(frames[0], frames[1]);

  EXPECT_EQ(judge_frames(frames, read_expected(2)), Verdict::mac_mismatch);
}

TEST(Judge, AnAuthenticatedFailureIsTheChipsWord) {
  for (std::uint16_t code = 1; code < 7; ++code) {
    EXPECT_EQ(judge_frames(write_answer([&](Fields& f) { f.result = code; }), kWriteExpected), Verdict::device_result);
  }
}

TEST(Judge, AnUnauthenticatedFailureIsNobodysWord) {
  std::vector<Frame> frames = write_answer([](Fields& f) { f.result = 3; });
  frames[0][at::kKeyMac] ^= 1;

  EXPECT_EQ(judge_frames(frames, kWriteExpected), Verdict::mac_mismatch);
}

TEST(Judge, AMissingKeyIsAClaimThatNeedsNoMac) {
  std::vector<Frame> frames = write_answer([](Fields& f) { f.result = 7; });
  frames[0][at::kKeyMac] ^= 1;

  EXPECT_EQ(judge_frames(frames, kWriteExpected), Verdict::device_result);
}

TEST(Judge, AnAnswerToKeyProgrammingIsAClaimThatNeedsNoMac) {
  Expectation expected{.type = 0x0100};

  EXPECT_EQ(judge_frames({encode(Fields{.result = 0, .type = 0x0100})}, expected), Verdict::accept);
  EXPECT_EQ(judge_frames({encode(Fields{.result = 5, .type = 0x0100})}, expected), Verdict::device_result);
}

TEST(Judge, EveryFrameMustCarryTheNonce) {
  auto frames = read_answer(3, [](Fields& fields, std::uint16_t i) { fields.nonce[15] = i == 0 ? 1 : 0; });

  EXPECT_EQ(judge_frames(frames, read_expected(3)), Verdict::nonce_mismatch);
}

TEST(Judge, EveryFrameMustCarryTheAddress) {
  auto frames = read_answer(3, [](Fields& fields, std::uint16_t i) { fields.address = i == 2 ? 41 : kAddress; });

  EXPECT_EQ(judge_frames(frames, read_expected(3)), Verdict::address_mismatch);
}

TEST(Judge, EveryFrameOfAReadMustCarryTheCount) {
  auto frames = read_answer(3, [](Fields& fields, std::uint16_t i) { fields.block_count = i == 1 ? 2 : 3; });

  EXPECT_EQ(judge_frames(frames, read_expected(3)), Verdict::block_count_mismatch);
}

TEST(Judge, AWriteMustTakeTheCounterExactlyOneFurther) {
  for (std::uint32_t counter : {0u, kCounter - 1, kCounter, kCounter + 2, 0xffff'ffffu}) {
    EXPECT_EQ(judge_frames(write_answer([&](Fields& f) { f.write_counter = counter; }), kWriteExpected),
              Verdict::counter_mismatch)
        << counter;
  }
}

TEST(Judge, MakesItsChecksInOrderSoThatTheFirstFaultIsNamed) {
  auto frames = read_answer(2, [](Fields& fields, std::uint16_t) {
    fields.nonce = {};
    fields.address = 1;
    fields.block_count = 9;
    fields.result = 4;
  });
  EXPECT_EQ(judge_frames(frames, read_expected(2)), Verdict::device_result);

  frames[1][at::kData] ^= 1;
  EXPECT_EQ(judge_frames(frames, read_expected(2)), Verdict::mac_mismatch);
  frames[1][at::kResult] = 1;
  EXPECT_EQ(judge_frames(frames, read_expected(2)), Verdict::bad_result_field);
  frames[0][at::kType] ^= 1;
  EXPECT_EQ(judge_frames(frames, read_expected(2)), Verdict::type_mismatch);
}

TEST(Judge, EveryVerdictHasAName) {
  for (auto verdict = Verdict::accept; verdict <= Verdict::counter_mismatch;
       verdict = static_cast<Verdict>(static_cast<int>(verdict) + 1)) {
    EXPECT_STRNE(name(verdict), "");
  }
  EXPECT_STREQ(name(Verdict::block_count_mismatch), "block_count_mismatch");
}

// Octets of any length, then frames of the right type and number, then good answers that were damaged: nobody forges a
// MAC.
TEST(Judge, AcceptsNoRandomOctets) {
  RandomOctets random{2};
  for (int i = 0; i < kRandomStrings; ++i) {
    const std::string octets = random.text(4 * kFrameSize);
    auto frame = random.filled<Frame>();
    Fields likely = decode(frame);
    likely.type = kWriteExpected.type;
    likely.result = static_cast<std::uint16_t>(random.below(3) * 0x7f);
    frame = encode(likely);

    ASSERT_EQ(judge(as_bytes(octets), key(), read_expected(static_cast<std::uint16_t>(octets.size() / kFrameSize))),
              octets.size() % kFrameSize == 0 && !octets.empty() ? Verdict::type_mismatch : Verdict::short_response);
    ASSERT_NE(judge({&frame, 1}, key(), kWriteExpected), Verdict::accept) << i;
  }
}

TEST(Judge, AcceptsADamagedAnswerOnlyWhereNothingLooks) {
  RandomOctets random{3};
  const auto good = write_answer([](Fields&) {});
  for (int i = 0; i < kRandomStrings; ++i) {
    const std::string damaged = random.damaged(std::string{as_text(good[0])});
    const bool stuff_only =
        damaged.size() == kFrameSize && damaged.substr(at::kKeyMac) == as_text(good[0]).substr(at::kKeyMac);

    ASSERT_EQ(judge(as_bytes(damaged), key(), kWriteExpected) == Verdict::accept, stuff_only) << i;
  }
}

}  // namespace
}  // namespace signet::rpmb
