#include "ipc/dbus/asio_bus.h"

#include <fcntl.h>
#include <poll.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

namespace signet::dbus {
namespace {

// Asio owns what it waits on, and the connection owns its own.
int duplicate(int fd) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) throw std::system_error{errno, std::generic_category(), "D-Bus descriptor"};
  return copy;
}

}  // namespace

AsioBus::AsioBus(boost::asio::io_context& loop, sdbus::IConnection& bus)
    : loop_{loop}, bus_{bus}, socket_{loop}, wake_{loop}, timer_{loop} {
  const auto poll = bus.getEventLoopPollData();
  socket_.assign(duplicate(poll.fd));
  wake_.assign(duplicate(poll.eventFd));
  wait_readable(socket_);
  wait_readable(wake_);
  poke();
}

AsioBus::~AsioBus() { *alive_ = false; }

void AsioBus::poke() {
  if (std::exchange(poked_, true)) return;
  boost::asio::post(loop_, [this, alive = alive_] {
    if (*alive) process();
  });
}

// One message in a turn of the loop. Asking for the next one would cost a fruitless read of the socket and one of the
// wake descriptor for every call of a client that waits for its answer; whatever is there makes the descriptor readable
// anew, or the timeout zero. And a flood of calls keeps neither timers nor finished work waiting.
void AsioBus::process() {
  poked_ = false;
  bus_.processPendingEvent();
  const auto poll = bus_.getEventLoopPollData();
  if ((poll.events & POLLOUT) != 0 && !waits_writable_) wait_writable();
  wait_timeout(poll);
}

void AsioBus::wait_readable(boost::asio::posix::stream_descriptor& descriptor) {
  descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                        [this, &descriptor, alive = alive_](const boost::system::error_code& cancelled) {
                          if (cancelled || !*alive) return;
                          process();
                          wait_readable(descriptor);
                        });
}

void AsioBus::wait_writable() {
  waits_writable_ = true;
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_write,
                     [this, alive = alive_](const boost::system::error_code& cancelled) {
                       if (cancelled || !*alive) return;
                       waits_writable_ = false;
                       process();
                     });
}

void AsioBus::wait_timeout(const sdbus::IConnection::PollData& poll) {
  if (poll.timeout == std::chrono::microseconds::max()) {  // what was waited for has come: no waking up for it
    timer_.cancel();
    return;
  }
  if (poll.timeout == std::chrono::microseconds::zero()) return poke();
  timer_.expires_at(std::chrono::steady_clock::time_point{poll.timeout});
  timer_.async_wait([this, alive = alive_](const boost::system::error_code& cancelled) {
    if (!cancelled && *alive) process();
  });
}

}  // namespace signet::dbus
