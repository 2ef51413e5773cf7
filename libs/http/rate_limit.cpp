#include "http/rate_limit.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cmath>

namespace signet::http {
namespace {

constexpr const char* kTheRest = "";  // the bucket of those that have none

}  // namespace

RateLimit::Bucket RateLimit::filled(const Bucket& bucket, Time now) const {
  const std::chrono::duration<double> passed = now - bucket.filled;
  if (passed.count() <= 0) return bucket;
  return {std::min(rate_.burst, bucket.tokens + passed.count() * rate_.per_second), now};
}

RateLimit::Bucket& RateLimit::bucket(Shard& shard, std::string_view name, Time now) const {
  std::string key{name};
  if (const auto found = shard.buckets.find(key); found != shard.buckets.end()) return found->second;
  if (shard.buckets.size() >= most_ && now - shard.swept >= std::chrono::seconds{1}) {  // a full one says nothing
    shard.swept = now;
    std::erase_if(shard.buckets, [&](const auto& entry) { return filled(entry.second, now).tokens >= rate_.burst; });
  }
  if (shard.buckets.size() >= most_) key = kTheRest;
  return shard.buckets.try_emplace(std::move(key), Bucket{rate_.burst, now}).first->second;
}

std::optional<std::chrono::seconds> RateLimit::take(std::string_view name, Time now, double tokens) {
  if (rate_.per_second <= 0) return std::nullopt;
  Shard& shard = shards_[std::hash<std::string_view>{}(name) % kShards];
  const std::lock_guard lock{shard.mutex};
  Bucket& own = bucket(shard, name, now);
  own = filled(own, now);
  tokens = std::min(tokens, rate_.burst);
  if (own.tokens >= tokens) {
    own.tokens -= tokens;
    return std::nullopt;
  }
  return std::chrono::seconds{std::max(1L, std::lround(std::ceil((tokens - own.tokens) / rate_.per_second)))};
}

std::string limit_name(const std::string& address) {
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(address, error);
  if (error || parsed.is_v4()) return address;
  const auto v6 = parsed.to_v6();
  const auto octets = v6.to_bytes();
  if (v6.is_v4_mapped()) return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_string();
  return {octets.begin(), octets.begin() + 8};
}

}  // namespace signet::http
