// What tests/vectors/rpmb.json does not say about the emulated chip; the rest of it is checked by rpmb_vectors_test.
#include <gtest/gtest.h>

#include "rpmb/transport/emulator/chip_model.h"
#include "tests/unit/transport/emulator_fixture.h"

namespace signet::rpmb {
namespace {

using testing::authentic;
using testing::code;
using testing::emulator_key;
using testing::kEmulatorKey;
using testing::kEmulatorNonce;
using testing::keyed_chip;
using testing::pattern;
using testing::signed_write;

Frame program(ChipModel& chip, const std::vector<Frame>& request) {
  chip.program(request, true);
  return chip.take_result();
}

TEST(ChipModel, AResultReadWithNothingPendingAnswersGeneralFailureOfTypeZero) {
  ChipModel chip{keyed_chip()};

  Frame answer = chip.take_result();

  EXPECT_EQ(type(answer), 0);
  EXPECT_EQ(code(answer), ResultCode::general_failure);
}

TEST(ChipModel, AResultIsThereOnce) {
  ChipModel chip{keyed_chip()};
  chip.program(signed_write(0, 0, pattern(1)), true);

  EXPECT_EQ(type(chip.take_result()), 0x0300);
  EXPECT_EQ(type(chip.take_result()), 0);
}

TEST(ChipModel, AReadInBetweenDropsThePendingResult) {
  ChipModel chip{keyed_chip()};
  chip.program(signed_write(0, 0, pattern(1)), true);

  Frame answer;
  chip.read(counter_request(kEmulatorNonce), std::span{&answer, 1});

  EXPECT_EQ(write_counter(answer), 1u);
  EXPECT_EQ(type(chip.take_result()), 0);
}

TEST(ChipModel, APowerCycleKeepsTheBlocksAndDropsThePendingResult) {
  ChipModel chip{keyed_chip()};
  chip.program(signed_write(0, 7, pattern(1)), true);

  chip.power_cycle();

  EXPECT_EQ(type(chip.take_result()), 0);
  EXPECT_EQ(chip.state().memory[7], pattern(1)[0]);
  EXPECT_EQ(chip.state().registers.write_counter, 1u);
}

TEST(ChipModel, DecidingChangesNothing) {
  ChipModel chip{keyed_chip()};

  ChipModel::Decision decision = chip.decide(signed_write(0, 7, pattern(1, 2)), true);

  ASSERT_TRUE(decision.change);
  EXPECT_EQ(decision.change->address, 7);
  EXPECT_EQ(decision.change->blocks, pattern(1, 2));
  EXPECT_EQ(decision.change->registers.write_counter, 1u);
  EXPECT_EQ(chip.state().registers.write_counter, 0u);
  EXPECT_EQ(chip.state().memory[7], Block{});
}

TEST(ChipModel, ARefusedRequestIsNoChange) {
  ChipModel chip{keyed_chip()};

  EXPECT_FALSE(chip.decide(signed_write(1, 0, pattern(1)), true).change);
  EXPECT_FALSE(chip.decide(signed_write(0, 512, pattern(1)), true).change);
  EXPECT_FALSE(chip.decide(signed_write(0, 0, pattern(1)), false).change);
}

TEST(ChipModel, FramesWhoseHeadersDisagreeAreAGeneralFailure) {
  for (std::size_t offset : {at::kWriteCounter, at::kAddress, at::kBlockCount, at::kType}) {
    ChipModel chip{keyed_chip()};
    std::vector<Frame> request = write_request(0, 0, pattern(1, 2));
    request[1][offset] ^= 1;
    authenticate(emulator_key(), request);

    EXPECT_EQ(code(program(chip, request)), ResultCode::general_failure) << offset;
  }
}

TEST(ChipModel, AnUnknownProgramRequestIsAGeneralFailure) {
  for (std::uint16_t type : std::initializer_list<std::uint16_t>{0, 2, 5, 8, 0x100, 0xffff}) {
    ChipModel chip{keyed_chip()};

    EXPECT_EQ(code(program(chip, {encode(Fields{.type = type})})), ResultCode::general_failure) << type;
  }
}

TEST(ChipModel, AnUnknownReadRequestIsAGeneralFailure) {
  ChipModel chip{keyed_chip()};

  std::array<Frame, 2> answer;
  chip.read(encode(Fields{.type = 3}), answer);

  EXPECT_EQ(code(answer[0]), ResultCode::general_failure);
  EXPECT_EQ(code(answer[1]), ResultCode::general_failure);
}

TEST(ChipModel, AReadRequestMayRepeatTheNumberOfBlocksButNotContradictIt) {
  ChipModel chip{keyed_chip()};
  std::array<Frame, 2> answer;

  chip.read(read_request(kEmulatorNonce, 0, 2), answer);
  EXPECT_EQ(code(answer[0]), ResultCode::ok);
  chip.read(read_request(kEmulatorNonce, 0, 3), answer);
  EXPECT_EQ(code(answer[0]), ResultCode::general_failure);
}

TEST(ChipModel, ACounterReadHasOneFrame) {
  ChipModel chip{keyed_chip()};

  std::array<Frame, 2> answer;
  chip.read(counter_request(kEmulatorNonce), answer);

  EXPECT_EQ(code(answer[0]), ResultCode::general_failure);
}

TEST(ChipModel, AChipOfOneFrameRefusesTwo) {
  ChipModel chip{keyed_chip(1, 1)};

  Frame refused = program(chip, signed_write(0, 0, pattern(1, 2)));
  Frame taken = program(chip, signed_write(0, 0, pattern(1, 1)));

  EXPECT_EQ(code(refused), ResultCode::general_failure);
  EXPECT_TRUE(authentic(refused));
  EXPECT_EQ(code(taken), ResultCode::ok);
}

TEST(ChipModel, ARefusalOnDemandAuthenticatesAndChangesNothing) {
  ChipModel chip{keyed_chip()};

  Frame answer = chip.refuse(signed_write(0, 9, pattern(1))[0], ResultCode::write_failure);

  EXPECT_EQ(code(answer), ResultCode::write_failure);
  EXPECT_TRUE(authentic(answer));
  EXPECT_EQ(chip.state().registers.write_counter, 0u);
}

TEST(ChipModel, RestoringBringsKeyCounterAndBlocksBack) {
  ChipModel chip{keyed_chip()};
  ChipState before = chip.state();
  program(chip, signed_write(0, 3, pattern(1)));

  chip.restore(before);

  EXPECT_EQ(chip.state().memory[3], Block{});
  EXPECT_EQ(code(program(chip, signed_write(0, 3, pattern(2)))), ResultCode::ok);
}

TEST(ChipModel, RestoringAnotherKeyMakesTheFirstOneWrong) {
  ChipModel chip{keyed_chip()};
  ChipState other = chip.state();
  other.registers.key = ChipKey{'o', 't', 'h', 'e', 'r'};

  chip.restore(other);

  EXPECT_EQ(code(program(chip, signed_write(0, 3, pattern(2)))), ResultCode::authentication_failure);
}

class QemuChip : public ::testing::Test {
 protected:
  QemuChip() {
    ChipState state = keyed_chip(1, 1);
    state.dialect = Dialect::qemu;
    chip_.restore(std::move(state));
  }

  ChipModel chip_{keyed_chip()};
};

TEST_F(QemuChip, AnswersTwoAndMoreFramesWithAnAuthenticatedAuthenticationFailure) {
  for (std::size_t frames : {2u, 32u}) {
    Frame answer = program(chip_, signed_write(0, 0, pattern(1, frames)));

    EXPECT_EQ(code(answer), ResultCode::authentication_failure) << frames;
    EXPECT_TRUE(authentic(answer)) << frames;
  }
  EXPECT_EQ(code(program(chip_, signed_write(0, 0, pattern(1)))), ResultCode::ok);
}

TEST_F(QemuChip, AnswersASecondKeyWithWriteFailure) {
  Frame answer = program(chip_, {key_request(kEmulatorKey)});

  EXPECT_EQ(code(answer), ResultCode::write_failure);
  EXPECT_TRUE(authentic(answer));
}

TEST_F(QemuChip, ChecksTheAddressWhichQemuItselfDoesNot) {
  EXPECT_EQ(code(program(chip_, signed_write(0, 512, pattern(1)))), ResultCode::address_failure);
}

}  // namespace
}  // namespace signet::rpmb
