// The last outcome of something that costs, for everybody who asks again soon: what anybody may ask for must not become
// work for the store each time.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

namespace signet::activationd {

// Thread-safe.
template <class T>
class Recent {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Recent(std::chrono::seconds life) : life_{life} {}

  [[nodiscard]] std::optional<T> get(Time now) const {
    const std::lock_guard lock{mutex_};
    if (!value_ || now - made_ >= life_) return std::nullopt;
    return value_;
  }
  void put(T value, Time now) {
    const std::lock_guard lock{mutex_};
    value_ = std::move(value);
    made_ = now;
  }

 private:
  const std::chrono::seconds life_;
  mutable std::mutex mutex_;
  std::optional<T> value_;
  Time made_{};
};

}  // namespace signet::activationd
