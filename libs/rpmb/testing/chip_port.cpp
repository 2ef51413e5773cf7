#include "rpmb/testing/chip_port.h"

#include <algorithm>

namespace signet::rpmb::testing {
namespace {

bool is_read(Request request) {
  return request == Request::read_counter || request == Request::read_data || request == Request::read_config;
}

}  // namespace

Result<void> ChipPort::write(std::span<const Frame> frames, bool reliable) {
  const auto request = static_cast<Request>(type(frames.front()));
  read_request_.reset();
  result_wanted_ = request == Request::read_result;
  if (result_wanted_) return {};
  wrote_ = false;
  if (is_read(request)) {
    read_request_ = frames.front();
    return {};
  }
  auto decision = chip_.decide(frames, reliable);
  const bool writes_data = request == Request::write_data && decision.change;
  if (writes_data) notify(Moment::before);
  if (decision.change && journal_ != nullptr) SIGNET_TRY(journal_->keep(*decision.change, {}));
  chip_.commit(std::move(decision));
  wrote_ = writes_data;
  if (writes_data) notify(Moment::after);
  return {};
}

void ChipPort::read(std::span<Frame> frames) {
  std::ranges::fill(frames, Frame{});
  answers_write_ = false;
  if (read_request_) {
    chip_.read(*read_request_, frames);
  } else if (result_wanted_ && !frames.empty()) {
    frames.front() = chip_.take_result();
    answers_write_ = wrote_;
    wrote_ = false;
  }
}

void ChipPort::read_answered() {
  if (std::exchange(answers_write_, false)) notify(Moment::answered);
}

void ChipPort::reset() {
  chip_.power_cycle();
  read_request_.reset();
  result_wanted_ = wrote_ = answers_write_ = false;
}

}  // namespace signet::rpmb::testing
