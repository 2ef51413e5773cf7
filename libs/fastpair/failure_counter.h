// The brake on guessing keys: after ten failed requests, none is looked at for five minutes (Fast Pair specification,
// "Key-based pairing").
#pragma once

#include <chrono>

namespace signet::fastpair {

inline constexpr int kMostFailures = 10;
inline constexpr std::chrono::minutes kFailureMemory{5};

class FailureCounter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Whether requests are refused. What is refused does not count, so that the five minutes come to an end.
  [[nodiscard]] bool blocked(Time now) const { return count(now) >= kMostFailures; }
  [[nodiscard]] int count(Time now) const { return now - last_ < kFailureMemory ? count_ : 0; }

  void failed(Time now) {
    count_ = count(now) + 1;
    last_ = now;
  }
  void succeeded() { count_ = 0; }

 private:
  int count_ = 0;
  Time last_{};
};

}  // namespace signet::fastpair
