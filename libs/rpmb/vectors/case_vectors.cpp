// Cases: a chip in a given state, then requests and what it answers to each.
#include <algorithm>
#include <string>

#include "rpmb/transport/emulator/chip_model.h"
#include "rpmb/vectors/sections.h"

namespace signet::rpmb {
namespace {

constexpr std::uint16_t kEnhancedFrames = 32;
constexpr std::uint16_t kPlainFrames = 2;

// "write_failure+counter_expired"
std::string result_name(std::uint16_t result) {
  std::string text = name(result_code(result));
  return (result & kExpired) != 0 ? text + "+counter_expired" : text;
}

Result<void> preload(const JsonCursor& at, ChipState& state) {
  SIGNET_ASSIGN(JsonCursor address_at, at.member("address"));
  SIGNET_ASSIGN(std::uint16_t address, address_at.number<std::uint16_t>());
  SIGNET_ASSIGN(JsonCursor data_at, at.member("data"));
  SIGNET_ASSIGN(Bytes data, data_at.octets());
  if (data.size() % kBlockSize != 0 || address + data.size() / kBlockSize > state.memory.size()) {
    return data_at.malformed("does not fit the partition in whole blocks");
  }
  for (std::size_t i = 0; i < data.size(); ++i) state.memory[address + i / kBlockSize][i % kBlockSize] = data[i];
  return {};
}

Result<ChipState> read_device(const JsonCursor& at) {
  SIGNET_ASSIGN(JsonCursor units_at, at.member("size_mult"));
  SIGNET_ASSIGN(std::uint64_t units, units_at.number_up_to(kMaxUnits));
  if (units == 0) return units_at.malformed("is 0: a chip without the partition");
  SIGNET_ASSIGN(JsonCursor enhanced_at, at.member("en_rpmb_rel_wr"));
  SIGNET_ASSIGN(bool enhanced, enhanced_at.boolean());
  ChipState state = blank_chip(static_cast<std::uint32_t>(units), enhanced ? kEnhancedFrames : kPlainFrames);

  SIGNET_ASSIGN(JsonCursor key_at, at.member("key"));
  if (!key_at.is_null()) SIGNET_TRY(key_at.octets_into(state.registers.key.emplace()));
  SIGNET_ASSIGN(JsonCursor counter_at, at.member("write_counter"));
  SIGNET_ASSIGN(state.registers.write_counter, counter_at.number<std::uint32_t>());
  SIGNET_ASSIGN(JsonCursor fill_at, at.member("fill"));
  SIGNET_ASSIGN(std::uint8_t fill, fill_at.number<std::uint8_t>());
  for (Block& block : state.memory) block.fill(fill);
  SIGNET_ASSIGN(JsonCursor preload_at, at.member("preload"));
  SIGNET_ASSIGN(auto areas, preload_at.elements());
  for (const JsonCursor& area : areas) SIGNET_TRY(preload(area, state));
  return state;
}

enum class Operation : std::uint8_t { program, read, cut_before, cut_after };

// A step as it stands in the document.
struct Step {
  Operation operation = Operation::program;
  std::vector<Frame> request;
  std::uint32_t request_frames = 0;
  bool reliable_write = false;
  std::uint32_t counter_after = 0;
  // Of a power cut
  bool took_effect = false;
  bool has_response = false;  // it must not
  // Of the others
  Frame result_request{};
  std::vector<Frame> response;
  std::uint32_t response_frames = 0;
  std::uint16_t result = 0;
  std::string result_name;
  std::vector<std::uint16_t> result_any_of;

  [[nodiscard]] bool programs() const { return operation == Operation::program; }
  [[nodiscard]] bool cut() const { return operation == Operation::cut_before || operation == Operation::cut_after; }
};

Result<Operation> read_operation(const JsonCursor& at) {
  SIGNET_ASSIGN(JsonCursor operation_at, at.member("op"));
  SIGNET_ASSIGN(std::string operation, operation_at.text());
  if (operation == "program") return Operation::program;
  if (operation == "read") return Operation::read;
  if (operation != "power_cut") return operation_at.malformed("is none of program, read, power_cut");
  SIGNET_ASSIGN(JsonCursor where_at, at.member("where"));
  SIGNET_ASSIGN(std::string where, where_at.text());
  if (where == "before") return Operation::cut_before;
  if (where == "after") return Operation::cut_after;
  return where_at.malformed("is neither before nor after");
}

Result<void> read_cut(const JsonCursor& at, Step& step) {
  SIGNET_ASSIGN(JsonCursor took_effect, at.member("took_effect"));
  SIGNET_ASSIGN(step.took_effect, took_effect.boolean());
  SIGNET_ASSIGN(auto response, at.find("response"));
  step.has_response = response && !response->is_null();
  return {};
}

Result<void> read_answer(const JsonCursor& at, Step& step) {
  SIGNET_ASSIGN(JsonCursor response, at.member("response"));
  SIGNET_ASSIGN(step.response, frames_in(response));
  SIGNET_ASSIGN(JsonCursor frames, at.member("response_frames"));
  SIGNET_ASSIGN(step.response_frames, frames.number<std::uint16_t>());
  SIGNET_ASSIGN(JsonCursor result, at.member("result"));
  SIGNET_ASSIGN(step.result, result.number<std::uint16_t>());
  SIGNET_ASSIGN(JsonCursor result_name, at.member("result_name"));
  SIGNET_ASSIGN(step.result_name, result_name.text());
  SIGNET_ASSIGN(auto any_of, at.find("result_any_of"));
  if (!any_of) return {};
  SIGNET_ASSIGN(auto codes, any_of->elements());
  if (codes.empty()) return any_of->malformed("is empty");
  for (const JsonCursor& code : codes) {
    SIGNET_ASSIGN(std::uint16_t value, code.number<std::uint16_t>());
    step.result_any_of.push_back(value);
  }
  return {};
}

Result<Step> read_step(const JsonCursor& at) {
  Step step;
  SIGNET_ASSIGN(step.operation, read_operation(at));
  SIGNET_ASSIGN(JsonCursor request, at.member("request"));
  SIGNET_ASSIGN(step.request, frames_in(request));
  SIGNET_ASSIGN(JsonCursor frames, at.member("request_frames"));
  SIGNET_ASSIGN(step.request_frames, frames.number<std::uint16_t>());
  SIGNET_ASSIGN(JsonCursor counter, at.member("counter_after"));
  SIGNET_ASSIGN(step.counter_after, counter.number<std::uint32_t>());
  if (step.operation != Operation::read) {
    SIGNET_ASSIGN(JsonCursor reliable_write, at.member("reliable_write"));
    SIGNET_ASSIGN(step.reliable_write, reliable_write.boolean());
  } else if (step.request.size() != 1) {
    return request.malformed("has more than the one frame of a read request");
  }
  if (step.programs()) {
    SIGNET_ASSIGN(JsonCursor result_request, at.member("result_request"));
    SIGNET_TRY(result_request.octets_into(step.result_request));
  }
  if (step.cut()) {
    SIGNET_TRY(read_cut(at, step));
  } else {
    SIGNET_TRY(read_answer(at, step));
  }
  return step;
}

// What a chip made of a step.
struct Outcome {
  std::vector<Frame> response;  // empty after a power cut
  bool took_effect = false;
  [[nodiscard]] std::uint16_t result() const { return rpmb::result(response.front()); }
};

Outcome perform(const Step& step, ChipModel& chip) {
  Outcome outcome;
  if (step.programs() || step.operation == Operation::cut_after) {
    ChipModel::Decision decision = chip.decide(step.request, step.reliable_write);
    outcome.took_effect = decision.change.has_value();
    chip.commit(std::move(decision));
  }
  if (step.cut()) {
    chip.power_cycle();
  } else if (step.programs()) {
    outcome.response = {chip.take_result()};
  } else {
    outcome.response.resize(step.response.size());
    chip.read(step.request[0], outcome.response);
  }
  return outcome;
}

std::string number_difference(const char* what, std::uint64_t expected, std::uint64_t actual) {
  if (expected == actual) return {};
  return std::string{what} + " is " + std::to_string(actual) + " instead of " + std::to_string(expected);
}

// Under the convention "failed_read": everything but the data and the number of frames, and the MAC, which covers these
// and has to fit them instead. As many frames were fetched as are expected.
std::string failed_read_difference(std::vector<Frame> expected, std::vector<Frame> actual, const ChipModel& chip) {
  if (chip.key() && !crypto::equal_constant_time(transfer_mac(*chip.key(), expected), key_mac(expected.back()))) {
    return "the MAC of the expected answer does not fit its frames";
  }
  for (std::vector<Frame>* frames : {&expected, &actual}) {
    for (Frame& frame : *frames) {
      Fields fields = decode(frame);
      fields.data = {};
      fields.block_count = 0;
      if (chip.key() && &frame == &frames->back()) fields.key_mac = {};
      frame = encode(fields);
    }
  }
  return difference(expected, actual);
}

std::string response_difference(const Step& step, const Outcome& outcome, const ChipModel& chip,
                                const VectorConventions& conventions) {
  bool failed_read = step.operation == Operation::read && result_code(outcome.result()) != ResultCode::ok;
  return failed_read && conventions.failed_read ? failed_read_difference(step.response, outcome.response, chip)
                                                : difference(step.response, outcome.response);
}

std::string any_of_difference(const Step& step, std::uint16_t result, std::uint16_t other_result) {
  auto listed = [&](std::uint16_t code) {
    return std::ranges::find(step.result_any_of, code) != step.result_any_of.end();
  };
  if (!listed(result)) return "result_any_of does not list " + std::to_string(result);
  if (!listed(step.result)) return "result_any_of does not list the result " + std::to_string(step.result);
  for (std::uint16_t code : step.result_any_of) {
    if (code != result && code != other_result) {
      return "no emulated chip answers " + std::to_string(code) + ", which result_any_of lists";
    }
  }
  return {};
}

class CaseRun {
 public:
  CaseRun(ChipState state, const VectorConventions& conventions)
      : chip_{state}, qemu_{as_qemu(std::move(state))}, conventions_{conventions} {}

  // What is wrong with the step; empty when all is as expected.
  std::string run(const Step& step) {
    if (auto reason = number_difference("the number of request frames", step.request_frames, step.request.size());
        !reason.empty()) {
      return reason;
    }
    Outcome outcome = perform(step, chip_);
    Outcome qemu = perform(step, qemu_);
    std::string reason = step.cut() ? check_cut(step, outcome) : check_answer(step, outcome, qemu);
    if (!reason.empty()) return reason;
    return number_difference("the counter afterwards", step.counter_after, chip_.state().registers.write_counter);
  }

 private:
  static ChipState as_qemu(ChipState state) {
    state.dialect = Dialect::qemu;
    return state;
  }

  std::string check_cut(const Step& step, const Outcome& outcome) const {
    if (step.has_response) return "there is a response in spite of the power cut";
    if (outcome.took_effect == step.took_effect) return {};
    return std::string{"the request "} + (outcome.took_effect ? "took effect" : "did not take effect");
  }

  std::string check_answer(const Step& step, const Outcome& outcome, const Outcome& qemu) const {
    if (step.programs()) {
      Frame result_request = rpmb::result_request();
      std::string reason = difference(std::span{&step.result_request, 1}, std::span{&result_request, 1});
      if (!reason.empty()) return "result request: " + reason;
    }
    std::string reason = number_difference("the result", step.result, outcome.result());
    if (reason.empty() && step.result_name != result_name(outcome.result())) {
      reason = "the result's name is " + result_name(outcome.result()) + " instead of " + step.result_name;
    }
    if (reason.empty()) reason = number_difference("response_frames", step.response.size(), step.response_frames);
    if (reason.empty()) reason = response_difference(step, outcome, chip_, conventions_);
    if (reason.empty() && !step.result_any_of.empty()) {
      reason = any_of_difference(step, outcome.result(), qemu.result());
    }
    return reason;
  }

  ChipModel chip_;
  ChipModel qemu_;  // the other kind of chip, for result_any_of
  const VectorConventions& conventions_;
};

}  // namespace

Result<void> run_case(const JsonCursor& entry, const VectorConventions& conventions, Recorder& recorder) {
  SIGNET_ASSIGN(JsonCursor name_at, entry.member("name"));
  SIGNET_ASSIGN(std::string name, name_at.text());
  SIGNET_ASSIGN(JsonCursor device_at, entry.member("device"));
  SIGNET_ASSIGN(ChipState state, read_device(device_at));
  SIGNET_ASSIGN(JsonCursor steps_at, entry.member("steps"));
  SIGNET_ASSIGN(auto steps, steps_at.elements());

  CaseRun run{std::move(state), conventions};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    SIGNET_ASSIGN(Step step, read_step(steps[i]));
    recorder.record("cases/" + name + "/step " + std::to_string(i + 1), run.run(step));
  }
  return {};
}

}  // namespace signet::rpmb
