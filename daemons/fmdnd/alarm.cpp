#include "fmdnd/alarm.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/unique_fd.h"

namespace signet::fmdnd {
namespace {

using boost::asio::posix::stream_descriptor;

class BootTimeAlarm final : public Alarm {
 public:
  BootTimeAlarm(boost::asio::io_context& loop, UniqueFd timer) : timer_{loop, timer.release()} {}
  ~BootTimeAlarm() override { *alive_ = false; }

  void set(std::chrono::nanoseconds in, Ring ring) override {
    ring_ = std::move(ring);
    const auto wait = std::max(in, std::chrono::nanoseconds{1});  // 0 would stop the timer
    const auto seconds = std::chrono::floor<std::chrono::seconds>(wait);
    itimerspec when{};
    when.it_value.tv_sec = seconds.count();
    when.it_value.tv_nsec = (wait - seconds).count();
    static_cast<void>(::timerfd_settime(timer_.native_handle(), 0, &when, nullptr));  // cannot fail for such a time
    if (!std::exchange(listens_, true)) listen();
  }

 private:
  void listen() {
    timer_.async_wait(stream_descriptor::wait_read, [this, alive = alive_](const boost::system::error_code& cancelled) {
      if (cancelled || !*alive) return;
      // Nothing to be read: it was set anew after it had run out.
      std::uint64_t times = 0;
      const bool due = ::read(timer_.native_handle(), &times, sizeof times) == sizeof times;
      listen();
      if (!due) return;
      if (const auto ring = std::exchange(ring_, {})) ring();
    });
  }

  stream_descriptor timer_;
  Ring ring_;
  bool listens_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

Result<std::unique_ptr<Alarm>> open_alarm(boost::asio::io_context& loop) {
  UniqueFd timer{::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK)};
  if (!timer) return fail(Errc::io, std::string{"timer: "} + std::strerror(errno));
  return std::make_unique<BootTimeAlarm>(loop, std::move(timer));
}

}  // namespace signet::fmdnd
