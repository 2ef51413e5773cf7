// What the service manager hears of us: readiness, status line, watchdog (sd_notify(3)). All of it is silent without
// one.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <string>

namespace signet::service {

void notify_ready();
void notify_reloading();                        // on SIGHUP; notify_ready() ends it
void notify_status(const std::string& status);  // one line for `systemctl status`

// Pets the watchdog from the event loop, twice per WatchdogSec=: a loop that hangs is a daemon that hangs. Without a
// watchdog in the unit no timer runs. A daemon that is awake for a reason of its own may pet it then, and is not woken
// for it before half of WatchdogSec= from there.
class Watchdog {
 public:
  explicit Watchdog(boost::asio::io_context& loop);

  void pet();

 private:
  boost::asio::steady_timer timer_;
  std::chrono::microseconds interval_{0};
};

}  // namespace signet::service
