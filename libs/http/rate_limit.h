// Token buckets by name. May be called from any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace signet::http {

struct Rate {
  double per_second = 0;  // 0: no limit
  double burst = 0;       // what may come at once
};

class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `most`: names that are told apart; those beyond it share one bucket until others have been quiet for long enough.
  explicit RateLimit(Rate rate, std::size_t most = 65536) : rate_{rate}, most_{most / kShards} {}

  // Takes one token of `name`, or `tokens`. Nothing: go ahead. Otherwise when it is worth to come back, at least 1 s.
  std::optional<std::chrono::seconds> take(std::string_view name, Time now, double tokens = 1);

 private:
  static constexpr std::size_t kShards = 16;
  struct Bucket {
    double tokens;
    Time filled;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Bucket> buckets;
    Time swept;
  };

  Bucket& bucket(Shard& shard, std::string_view name, Time now) const;
  [[nodiscard]] Bucket filled(const Bucket& bucket, Time now) const;

  Rate rate_;
  std::size_t most_;
  std::array<Shard, kShards> shards_;
};

// The name under which an address is limited: IPv4 as it is, of IPv6 the first 64 bits, which one client has to itself.
std::string limit_name(const std::string& address);

}  // namespace signet::http
