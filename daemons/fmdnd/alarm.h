// Waits in the time that the beacon's clock counts.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "base/result.h"

namespace signet::fmdnd {

class Alarm {
 public:
  using Ring = std::function<void()>;

  virtual ~Alarm() = default;

  // Calls `ring` once, later, when so much of that time has passed; what it waited for before is forgotten.
  virtual void set(std::chrono::nanoseconds in, Ring ring) = 0;
};

// Counts suspend, as CLOCK_BOOTTIME does: what fell due meanwhile rings when the machine wakes. Does not wake it.
// Errors: io: no timer left.
Result<std::unique_ptr<Alarm>> open_alarm(boost::asio::io_context& loop);

}  // namespace signet::fmdnd
