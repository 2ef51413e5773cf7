// Arbitrary octets as frames: the codec, the judge of answers, and a chip that is sent one request after the other.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "rpmb/response.h"
#include "rpmb/transport/emulator/chip_model.h"

namespace {

using namespace signet;
using namespace signet::rpmb;

constexpr ChipKey kKey = {'f', 'u', 'z', 'z'};

const crypto::HmacKey& key() {
  static const crypto::HmacKey key{kKey};
  return key;
}

void require(bool holds) {
  if (!holds) std::abort();
}

Frame frame_from(FuzzedDataProvider& input) {
  Frame frame{};
  std::vector<std::uint8_t> octets = input.ConsumeBytes<std::uint8_t>(kFrameSize);
  std::ranges::copy(octets, frame.end() - static_cast<std::ptrdiff_t>(octets.size()));  // the header is at the end
  require(encode(decode(frame)) == frame);
  return frame;
}

// A transfer of a few frames. Most have the header and the MAC that a chip wants to see, else little would get past it.
std::vector<Frame> transfer_from(FuzzedDataProvider& input, const ChipModel& chip) {
  std::vector<Frame> frames(input.ConsumeIntegralInRange<std::size_t>(1, 34), frame_from(input));
  std::uint8_t mend = input.ConsumeIntegral<std::uint8_t>();
  for (Frame& frame : frames) {
    Fields fields = decode(frame);
    if ((mend & 1) != 0) fields.type = static_cast<std::uint16_t>(1 + fields.type % 7);
    if ((mend & 2) != 0) fields.write_counter = chip.state().registers.write_counter;
    if ((mend & 4) != 0) fields.block_count = static_cast<std::uint16_t>(frames.size());
    if ((mend & 8) != 0) fields.address %= 600;
    frame = encode(fields);
  }
  if ((mend & 16) != 0) authenticate(key(), frames);
  return frames;
}

void program(ChipModel& chip, FuzzedDataProvider& input) {
  std::vector<Frame> request = transfer_from(input, chip);
  ChipRegisters before = chip.state().registers;
  ChipModel::Decision decision = chip.decide(request, input.ConsumeBool());
  bool taken = decision.change.has_value();
  chip.commit(std::move(decision));
  const ChipRegisters& after = chip.state().registers;

  require(taken == (result_code(result(chip.take_result())) == ResultCode::ok));
  require(taken || after == before);
  require(after.write_counter - before.write_counter <= 1);
  require(!before.key || after.key == before.key);
}

void read(ChipModel& chip, FuzzedDataProvider& input) {
  Frame request = transfer_from(input, chip).front();
  std::vector<Frame> response(input.ConsumeIntegralInRange<std::size_t>(1, 40));
  chip.read(request, response);
  Nonce nonce;
  std::ranges::copy(rpmb::nonce(request), nonce.begin());
  Expectation expected{.type = static_cast<std::uint16_t>(type(request) << 8),
                       .blocks = static_cast<std::uint16_t>(response.size()),
                       .nonce = nonce,
                       .address = std::nullopt,
                       .counter_before = std::nullopt};
  Verdict verdict = judge(std::span<const Frame>{response}, key(), expected);
  bool ours = chip.state().registers.key == kKey && type(response[0]) != 0;
  require(!ours || verdict == Verdict::accept || verdict == Verdict::device_result ||
          verdict == Verdict::block_count_mismatch);
}

void judge_octets(FuzzedDataProvider& input) {
  Expectation expected{.type = input.ConsumeIntegral<std::uint16_t>(),
                       .blocks = input.ConsumeIntegralInRange<std::uint16_t>(0, 3),
                       .nonce = std::nullopt,
                       .address = input.ConsumeIntegral<std::uint16_t>(),
                       .counter_before = input.ConsumeIntegral<std::uint32_t>()};
  std::vector<std::uint8_t> octets = input.ConsumeRemainingBytes<std::uint8_t>();
  Verdict verdict = judge(BytesView{octets}, key(), expected);
  require(verdict != Verdict::accept || expected.type == response_type(Request::program_key));  // nobody forges a MAC
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input{data, size};
  constexpr std::uint16_t kWriteFrames[] = {1, 2, 32};
  ChipState state = blank_chip(1, input.PickValueInArray(kWriteFrames));
  state.dialect = input.ConsumeBool() ? Dialect::qemu : Dialect::standard;
  if (input.ConsumeBool()) state.registers.key = kKey;
  state.registers.write_counter = input.ConsumeBool() ? 0xffff'fffd : 7;
  if (!state.registers.key) state.registers.write_counter = 0;
  ChipModel chip{std::move(state)};

  std::size_t operations = input.ConsumeIntegralInRange<std::size_t>(0, 12);
  for (std::size_t i = 0; i < operations; ++i) input.ConsumeBool() ? program(chip, input) : read(chip, input);
  judge_octets(input);
  return 0;
}
