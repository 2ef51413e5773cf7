#include "rpmb/transport/emulator/chip_model.h"

#include <algorithm>

namespace signet::rpmb {
namespace {

constexpr std::uint16_t kRegisterEnable = 1;
constexpr std::uint16_t kRegisterConfig = 2;
constexpr std::size_t kEnableAt = 255;  // in the data of the answer to 0x0007; a request carries its value here, too
constexpr std::size_t kConfigAt = 254;

bool is(const Frame& frame, Request request) { return type(frame) == static_cast<std::uint16_t>(request); }

// Every frame of a transfer repeats the header of the whole.
bool same_header(const Frame& a, const Frame& b) {
  return type(a) == type(b) && address(a) == address(b) && block_count(a) == block_count(b) &&
         write_counter(a) == write_counter(b);
}

Block block_of(const Frame& frame) {
  Block block;
  std::ranges::copy(payload(frame), block.begin());
  return block;
}

}  // namespace

ChipState blank_chip(std::uint32_t units, std::uint16_t write_frames) {
  ChipState state;
  state.write_frames = write_frames;
  state.memory.resize(units * kUnitBlocks);
  return state;
}

ChipModel::ChipModel(ChipState state) { restore(std::move(state)); }

void ChipModel::restore(ChipState state) {
  bool same_key = key_ && state.registers.key == state_.registers.key;
  state_ = std::move(state);
  result_.reset();
  if (same_key) return;
  key_.reset();
  if (state_.registers.key) key_.emplace(*state_.registers.key);
}

// Bit 7 belongs into every answer of a chip whose counter is used up.
std::uint16_t ChipModel::result_field(ResultCode code) const {
  return static_cast<std::uint16_t>(static_cast<std::uint16_t>(code) | (expired() ? kExpired : 0));
}

ChipModel::Decision ChipModel::decide(std::span<const Frame> request, bool reliable_write) const {
  if (!request.empty() && is(request[0], Request::program_key)) return decide_key(request, reliable_write);
  if (!request.empty() && (is(request[0], Request::write_data) || is(request[0], Request::write_config))) {
    return decide_write(request, reliable_write);
  }
  return {encode(Fields{.result = result_field(ResultCode::general_failure)}), {}};
}

ChipModel::Decision ChipModel::decide_key(std::span<const Frame> request, bool reliable_write) const {
  ResultCode code = ResultCode::ok;
  if (request.size() != 1 || !reliable_write) {
    code = ResultCode::general_failure;
  } else if (key_) {
    code = state_.dialect == Dialect::qemu ? ResultCode::write_failure : ResultCode::general_failure;
  }
  Decision decision{program_answer(request[0], code, state_.registers), {}};
  if (code == ResultCode::ok) {
    ChipChange& change = decision.change.emplace();
    change.registers = state_.registers;
    std::ranges::copy(key_mac(request[0]), change.registers.key.emplace().begin());
  }
  return decision;
}

ChipModel::Decision ChipModel::decide_write(std::span<const Frame> request, bool reliable_write) const {
  ResultCode code = check_write(request, reliable_write);
  if (code != ResultCode::ok) return {refuse(request[0], code), {}};
  ChipChange change = change_by(request);
  Frame answer = program_answer(request[0], code, change.registers);
  return {answer, std::move(change)};
}

ResultCode ChipModel::check_write(std::span<const Frame> request, bool reliable_write) const {
  if (!key_) return ResultCode::key_not_programmed;
  if (ResultCode code = check_shape(request, reliable_write); code != ResultCode::ok) return code;
  if (expired()) return ResultCode::write_failure;

  std::uint16_t to = address(request[0]);
  bool exists = is(request[0], Request::write_config) ? to == kRegisterEnable || to == kRegisterConfig
                                                      : in_range(to, request.size());
  if (!exists) return ResultCode::address_failure;
  if (!crypto::equal_constant_time(transfer_mac(*key_, request), key_mac(request.back()))) {
    return ResultCode::authentication_failure;
  }
  if (write_counter(request[0]) != state_.registers.write_counter) return ResultCode::counter_failure;
  return ResultCode::ok;
}

ResultCode ChipModel::check_shape(std::span<const Frame> request, bool reliable_write) const {
  std::size_t count = request.size();
  bool whole = reliable_write && block_count(request[0]) == count &&
               std::ranges::all_of(request, [&](const Frame& frame) { return same_header(frame, request[0]); });
  if (!whole) return ResultCode::general_failure;
  if (is(request[0], Request::write_config)) return count == 1 ? ResultCode::ok : ResultCode::general_failure;
  bool accepted = count <= state_.write_frames && (count == 1 || count == 2 || count == 32);
  if (accepted) return ResultCode::ok;
  return state_.dialect == Dialect::qemu ? ResultCode::authentication_failure : ResultCode::general_failure;
}

ChipChange ChipModel::change_by(std::span<const Frame> request) const {
  ChipChange change;
  change.registers = state_.registers;
  ++change.registers.write_counter;
  std::uint16_t to = address(request[0]);
  if (is(request[0], Request::write_config)) {
    std::uint8_t value = payload(request[0])[kEnableAt];
    (to == kRegisterEnable ? change.registers.secure_wp_enable : change.registers.secure_wp_config) = value;
    return change;
  }
  change.address = to;
  change.blocks.reserve(request.size());
  for (const Frame& frame : request) change.blocks.push_back(block_of(frame));
  return change;
}

void ChipModel::commit(Decision decision) {
  result_ = decision.answer;
  if (!decision.change) return;
  const ChipChange& change = *decision.change;
  if (change.registers.key != state_.registers.key) key_.emplace(*change.registers.key);
  state_.registers = change.registers;
  std::ranges::copy(change.blocks, state_.memory.begin() + change.address);
}

Frame ChipModel::refuse(const Frame& request, ResultCode code) const {
  return program_answer(request, code, state_.registers);
}

Frame ChipModel::program_answer(const Frame& request, ResultCode code, const ChipRegisters& after) const {
  Fields fields;
  fields.type = static_cast<std::uint16_t>(type(request) << 8);
  fields.result = static_cast<std::uint16_t>(code);
  if (after.write_counter == 0xffff'ffff) fields.result |= kExpired;
  bool programs_key = is(request, Request::program_key);
  if (!programs_key) {
    fields.write_counter = after.write_counter;
    fields.address = address(request);
  }
  Frame answer = encode(fields);
  bool has_mac = key_ && (!programs_key || state_.dialect == Dialect::qemu);
  if (has_mac) authenticate(*key_, std::span{&answer, 1});
  return answer;
}

Frame ChipModel::take_result() {
  Frame answer = result_.value_or(encode(Fields{.result = result_field(ResultCode::general_failure)}));
  result_.reset();
  return answer;
}

void ChipModel::read(const Frame& request, std::span<Frame> response) {
  result_.reset();
  std::vector<Fields> answer(response.size());
  ResultCode code = ResultCode::general_failure;
  bool known = true;
  if (is(request, Request::read_data)) {
    code = fill_data(request, answer);
  } else if (is(request, Request::read_counter)) {
    code = fill_counter(answer);
  } else if (is(request, Request::read_config)) {
    code = fill_config(answer);
  } else {
    known = false;
  }

  for (std::size_t i = 0; i < response.size(); ++i) {
    answer[i].result = result_field(code);
    if (known) {
      answer[i].type = static_cast<std::uint16_t>(type(request) << 8);
      std::ranges::copy(nonce(request), answer[i].nonce.begin());
    }
    response[i] = encode(answer[i]);
  }
  if (key_ && known) authenticate(*key_, response);
}

ResultCode ChipModel::fill_data(const Frame& request, std::span<Fields> answer) const {
  std::uint16_t from = address(request);
  for (Fields& fields : answer) {
    fields.address = from;
    fields.block_count = static_cast<std::uint16_t>(answer.size());
  }
  if (!key_) return ResultCode::key_not_programmed;
  // 0 on eMMC, where CMD23 says how many; UFS repeats the number in the frame.
  if (block_count(request) != 0 && block_count(request) != answer.size()) return ResultCode::general_failure;
  if (!in_range(from, answer.size())) return ResultCode::address_failure;
  for (std::size_t i = 0; i < answer.size(); ++i) answer[i].data = state_.memory[from + i];
  return ResultCode::ok;
}

ResultCode ChipModel::fill_counter(std::span<Fields> answer) const {
  if (!key_) return ResultCode::key_not_programmed;
  if (answer.size() != 1) return ResultCode::general_failure;
  answer[0].write_counter = state_.registers.write_counter;
  return ResultCode::ok;
}

ResultCode ChipModel::fill_config(std::span<Fields> answer) const {
  if (!key_) return ResultCode::key_not_programmed;
  if (answer.size() != 1) return ResultCode::general_failure;
  answer[0].data[kEnableAt] = state_.registers.secure_wp_enable;
  answer[0].data[kConfigAt] = state_.registers.secure_wp_config;
  return ResultCode::ok;
}

}  // namespace signet::rpmb
