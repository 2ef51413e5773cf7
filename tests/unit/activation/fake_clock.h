// A clock that stands still until it is told otherwise.
#pragma once

#include <chrono>

#include "activation/records.h"
#include "base/clock.h"

namespace signet::activation {

class FakeClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point monotonic() const override { return monotonic_; }
  std::chrono::system_clock::time_point wall() const override { return wall_; }

  void advance(std::chrono::seconds by) {
    monotonic_ += by;
    wall_ += by;
  }
  void set_back(std::chrono::seconds by) { wall_ -= by; }  // as an administrator does
  [[nodiscard]] UnixTime now() const { return std::chrono::floor<std::chrono::seconds>(wall_); }

 private:
  std::chrono::steady_clock::time_point monotonic_{std::chrono::hours{1}};
  std::chrono::system_clock::time_point wall_{std::chrono::seconds{1'800'000'000}};
};

}  // namespace signet::activation
