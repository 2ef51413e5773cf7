// libcurl's multi interface without a thread and without a wait of our own: its sockets are in a Watch, and whoever
// owns that says when to look. (libcurl resolves host names in a thread that nobody ever waits for.)
#pragma once

#include <chrono>
#include <set>

#include "https/watch.h"

using CURLM = void;

namespace signet::https {

class Network {
 public:
  using Clock = std::chrono::steady_clock;

  // `watch`: outlives this.
  explicit Network(const Watch& watch);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  ~Network();

  // Takes in what is ready. Does not wait.
  void turn();
  // When turn() has something to do even if no descriptor is ready; time_point::max(): never.
  [[nodiscard]] Clock::time_point next_wake() const { return wake_; }

  [[nodiscard]] CURLM* handle() { return multi_; }

 private:
  static int on_socket(void* easy, int socket, int what, void* self, void* of_socket) noexcept;
  static int on_timer(CURLM* multi, long timeout_ms, void* self) noexcept;
  void deliver();

  const Watch& watch_;
  CURLM* multi_;
  std::set<int> sockets_;  // those of the watch that are libcurl's
  Clock::time_point wake_ = Clock::time_point::max();
};

}  // namespace signet::https
