// A transport that remembers how long the slowest operation took: a chip that is about to fail, or a storage controller
// that has to reset it again and again, shows there first.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "rpmb/transport.h"

namespace signet::rpmbd {

class TimedTransport final : public rpmb::Transport {
 public:
  TimedTransport(std::unique_ptr<rpmb::Transport> inner, const Clock& clock)
      : inner_{std::move(inner)}, clock_{clock} {}

  const rpmb::ChipFacts& facts() const override { return inner_->facts(); }
  bool read_request_carries_count() const override { return inner_->read_request_carries_count(); }
  Result<void> program(std::span<const rpmb::Frame> request, rpmb::Frame& response) override {
    return timed([&] { return inner_->program(request, response); });
  }
  Result<void> read(const rpmb::Frame& request, std::span<rpmb::Frame> response) override {
    return timed([&] { return inner_->read(request, response); });
  }
  Result<void> check_identity() override { return inner_->check_identity(); }

  [[nodiscard]] std::chrono::milliseconds slowest() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(slowest_);
  }

 private:
  template <class Operation>
  Result<void> timed(Operation operation) {
    const auto begin = clock_.monotonic();
    auto outcome = operation();
    slowest_ = std::max(slowest_, clock_.monotonic() - begin);
    return outcome;
  }

  std::unique_ptr<rpmb::Transport> inner_;
  const Clock& clock_;
  std::chrono::steady_clock::duration slowest_{};
};

}  // namespace signet::rpmbd
