#include "https/watch.h"

#include <sys/epoll.h>

#include <cerrno>
#include <cstdint>

namespace signet::https {

static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR && EPOLLHUP == POLLHUP);

Watch::Watch() : epoll_{::epoll_create1(EPOLL_CLOEXEC)} {}

void Watch::set(int fd, int events) const {
  epoll_event wanted{};
  wanted.events = static_cast<std::uint32_t>(events);
  wanted.data.fd = fd;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &wanted) != 0 && errno == ENOENT) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &wanted);
  }
}

void Watch::forget(int fd) const { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

int Watch::take_ready(Ready (&ready)[kBatch]) const {
  epoll_event events[kBatch];
  const int count = ::epoll_wait(epoll_.get(), events, kBatch, 0);
  for (int i = 0; i < count; ++i) ready[i] = {events[i].data.fd, static_cast<int>(events[i].events)};
  return count;
}

}  // namespace signet::https
