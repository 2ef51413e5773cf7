#include "service/watchdog.h"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include <cstdint>

namespace signet::service {

void notify_ready() { ::sd_notify(0, "READY=1"); }

void notify_reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto microseconds =
      static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
  ::sd_notify(0, fmt::format("RELOADING=1\nMONOTONIC_USEC={}", microseconds).c_str());
}

void notify_status(const std::string& status) { ::sd_notify(0, ("STATUS=" + status).c_str()); }

Watchdog::Watchdog(boost::asio::io_context& loop) : timer_{loop} {
  std::uint64_t limit = 0;
  if (::sd_watchdog_enabled(0, &limit) <= 0) return;
  interval_ = std::chrono::microseconds{limit / 2};
  pet();
}

void Watchdog::pet() {
  if (interval_.count() == 0) return;
  ::sd_notify(0, "WATCHDOG=1");
  timer_.expires_after(interval_);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) pet();
  });
}

}  // namespace signet::service
