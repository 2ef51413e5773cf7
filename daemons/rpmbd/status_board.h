// The latest status of the chip, for readers that must not wait for the chip. On the loop's thread.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "rpmbd/chip.h"

namespace signet::rpmbd {

class StatusBoard {
 public:
  using Listener = std::function<void(const Status& before, const Status& now)>;

  [[nodiscard]] const Status& latest() const { return latest_; }
  void listen(Listener listener) { listeners_.push_back(std::move(listener)); }
  void post(Status status) {
    const Status before = std::exchange(latest_, std::move(status));
    for (const auto& listener : listeners_) listener(before, latest_);
  }

 private:
  Status latest_;
  std::vector<Listener> listeners_;
};

}  // namespace signet::rpmbd
