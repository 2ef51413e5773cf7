// What a service counts of its requests and connections. May be used from any thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace signet::http {

struct ConnectionCounters {
  std::atomic<std::uint64_t> open{0};
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused{0};  // too many of them
  std::atomic<std::uint64_t> failed_handshakes{0};
  std::atomic<std::uint64_t> timed_out{0};
  std::atomic<std::uint64_t> malformed_requests{0};
};

class RequestCounters {
 public:
  static constexpr std::array kStatuses{200, 201, 204, 400, 401, 403, 404, 405, 409, 413,
                                        415, 422, 429, 500, 501, 503, 504, 507, 0};  // 0: any other
  static constexpr std::array kBounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5};  // s

  struct Route {
    std::array<std::atomic<std::uint64_t>, kStatuses.size()> by_status{};
    std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> by_time{};  // the last one: above all bounds
    std::atomic<std::uint64_t> microseconds{0};
  };

  explicit RequestCounters(std::size_t routes);
  void count(std::size_t route, int status, std::chrono::steady_clock::duration took);
  [[nodiscard]] const Route& of(std::size_t route) const { return *routes_[route]; }

 private:
  std::vector<std::unique_ptr<Route>> routes_;
};

}  // namespace signet::http
