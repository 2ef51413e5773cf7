// Time as the daemons see it; tests inject their own.
#pragma once

#include <chrono>

namespace signet {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::steady_clock::time_point monotonic() const = 0;  // never goes back; stops with the machine
  virtual std::chrono::system_clock::time_point wall() const = 0;       // may jump
};

class SystemClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point monotonic() const override { return std::chrono::steady_clock::now(); }
  std::chrono::system_clock::time_point wall() const override { return std::chrono::system_clock::now(); }
};

}  // namespace signet
