#include "http/counters.h"

#include <algorithm>
#include <iterator>

namespace signet::http {

RequestCounters::RequestCounters(std::size_t routes) {
  for (std::size_t i = 0; i < routes; ++i) routes_.push_back(std::make_unique<Route>());
}

void RequestCounters::count(std::size_t route, int status, std::chrono::steady_clock::duration took) {
  Route& row = *routes_[route];
  const auto known = std::find(kStatuses.begin(), kStatuses.end() - 1, status) - kStatuses.begin();
  const double seconds = std::chrono::duration<double>{took}.count();
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin();
  row.by_status[static_cast<std::size_t>(known)].fetch_add(1, std::memory_order_relaxed);
  row.by_time[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  row.microseconds.fetch_add(static_cast<std::uint64_t>(microseconds), std::memory_order_relaxed);
}

}  // namespace signet::http
