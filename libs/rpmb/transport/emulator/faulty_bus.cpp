#include "rpmb/transport/emulator/faulty_bus.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>

#include "base/endian.h"

namespace signet::rpmb {
namespace {

constexpr std::size_t kRemembered = 64;  // answers that can be replayed

void die() { ::kill(::getpid(), SIGKILL); }

// The best that somebody without the key can do: everything as the host expects it, but for the MAC.
void forge(const Frame& request, std::uint8_t code, std::span<Frame> response) {
  Fields fields;
  fields.type = static_cast<std::uint16_t>(type(request) << 8);
  fields.result = code;
  fields.address = address(request);
  fields.key_mac.fill(0x5a);
  std::ranges::copy(nonce(request), fields.nonce.begin());
  if (type(request) == static_cast<std::uint16_t>(Request::read_data)) {
    fields.block_count = static_cast<std::uint16_t>(response.size());
  } else {
    fields.write_counter = write_counter(request) + (result_code(code) == ResultCode::ok ? 1u : 0u);
  }
  std::ranges::fill(response, encode(fields));
}

}  // namespace

Result<void> FaultyBus::program(std::span<const Frame> request, Frame& response) {
  SIGNET_ASSIGN(Fault fault, begin(request, true));
  bool delivered = false;
  switch (fault.request) {
    case RequestFate::deliver:
      SIGNET_TRY(commit(request, fault.crash));
      delivered = true;
      break;
    case RequestFate::refuse:
      chip_.commit({chip_.refuse(request[0], static_cast<ResultCode>(fault.code)), {}});
      delivered = true;
      break;
    case RequestFate::hold: held_.push_back({{request.begin(), request.end()}, fault.release_before}); break;
    case RequestFate::drop: break;
  }
  if (fault.crash == CrashPoint::after_commit) die();
  if (delivered) response = chip_.take_result();
  return answer(fault, delivered, request[0], std::span{&response, 1}, past_programs_);
}

Result<void> FaultyBus::read(const Frame& request, std::span<Frame> response) {
  SIGNET_ASSIGN(Fault fault, begin(std::span{&request, 1}, false));
  bool delivered = fault.request == RequestFate::deliver;
  if (fault.crash) die();
  if (delivered) chip_.read(request, response);
  return answer(fault, delivered, request, response, past_reads_);
}

Result<Fault> FaultyBus::begin(std::span<const Frame> request, bool writes) {
  bool burst = writes && request.size() > 1;
  ++numbers_.by[static_cast<std::size_t>(Which::any)];
  ++numbers_.by[static_cast<std::size_t>(writes ? Which::write : Which::read)];
  if (burst) ++numbers_.by[static_cast<std::size_t>(Which::burst)];

  SIGNET_TRY(release_due());
  Fault fault = plan_.find(writes ? Which::write : Which::read, burst, numbers_);
  if (hook_) {
    Fault hooked = hook_(BusOperation{numbers_, writes, request});
    if (hooked != Fault{}) fault = hooked;
  }
  if (fault.set_counter) chip_.set_write_counter(*fault.set_counter);
  if (fault.delay.count() > 0) std::this_thread::sleep_for(fault.delay);
  return fault;
}

Result<void> FaultyBus::commit(std::span<const Frame> request, std::optional<CrashPoint> crash) {
  ChipModel::Decision decision = chip_.decide(request, true);
  bool in_file = decision.change && journal_ != nullptr;
  if (crash && *crash != CrashPoint::after_commit && (*crash == CrashPoint::before_commit || !in_file)) die();
  if (in_file) SIGNET_TRY(journal_->keep(*decision.change, crash));
  chip_.commit(std::move(decision));
  return {};
}

Result<void> FaultyBus::release_due() {
  std::uint64_t now = numbers_[Which::any];
  auto due = [now](const Held& held) { return held.release_before != 0 && held.release_before <= now; };
  for (const Held& held : held_) {
    if (!due(held)) continue;
    SIGNET_TRY(commit(held.request, {}));
    Frame response = chip_.take_result();
    remember(past_programs_, std::span{&response, 1});
  }
  std::erase_if(held_, due);
  return {};
}

Result<void> FaultyBus::release_held() {
  for (Held& held : held_) held.release_before = 1;
  return release_due();
}

void FaultyBus::remember(std::deque<Answer>& past, std::span<const Frame> answer) const {
  if (!keep_answers_) return;
  past.emplace_front(answer.begin(), answer.end());
  if (past.size() > kRemembered) past.pop_back();
}

Result<void> FaultyBus::answer(const Fault& fault, bool delivered, const Frame& request, std::span<Frame> response,
                               std::deque<Answer>& past) {
  auto lost = [&](Errc code) {
    return fail(
        code, "operation " + std::to_string(numbers_[Which::any]) + " of the emulated chip: the answer did not arrive");
  };
  if (fault.answer == AnswerFate::replay) {
    if (fault.age == 0 || past.size() < fault.age || past[fault.age - 1].size() != response.size())
      return lost(Errc::io);
    Answer old = past[fault.age - 1];
    if (delivered) remember(past, response);
    std::ranges::copy(old, response.begin());
    return {};
  }
  if (delivered) remember(past, response);
  switch (fault.answer) {
    case AnswerFate::lose: return lost(Errc::io);
    case AnswerFate::time_out: return lost(Errc::timeout);
    case AnswerFate::forge: forge(request, fault.code, response); return {};
    case AnswerFate::genuine:
    case AnswerFate::replay: break;
    case AnswerFate::bad_mac:
      if (delivered) response.back()[at::kKeyMac] ^= 1;
      break;
    case AnswerFate::wrong_counter:
      for (Frame& frame : response) store_be(frame, at::kWriteCounter, write_counter(frame) + fault.counter_offset);
      break;
  }
  if (!delivered) return lost(Errc::io);
  return {};
}

}  // namespace signet::rpmb
