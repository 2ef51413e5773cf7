// Several descriptors behind one that can itself be polled: an epoll instance.
#pragma once

#include <poll.h>

#include "base/unique_fd.h"

namespace signet::https {

class Watch {
 public:
  Watch();

  // Readable as soon as one of the others is ready; -1 when the process had no descriptor left.
  [[nodiscard]] int descriptor() const { return epoll_.get(); }

  // Waits on `fd` for `events` (POLLIN, POLLOUT) from now on.
  void set(int fd, int events) const;
  void forget(int fd) const;

  // Calls `visit(fd, events)` for those that are ready; does not wait.
  template <class Visit>
  void each_ready(Visit visit) const {
    Ready ready[kBatch];
    const int count = take_ready(ready);
    for (int i = 0; i < count; ++i) visit(ready[i].fd, ready[i].events);
  }

 private:
  static constexpr int kBatch = 16;  // what is left over is ready the next time, too
  struct Ready {
    int fd;
    int events;
  };
  int take_ready(Ready (&ready)[kBatch]) const;

  UniqueFd epoll_;
};

}  // namespace signet::https
