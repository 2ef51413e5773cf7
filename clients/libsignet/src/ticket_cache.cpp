#include "ticket_cache.h"

#include <algorithm>

namespace signet::client {

void TicketCache::remember(const std::string& key, const signet_result& answer, Clock::time_point now) {
  std::uint64_t expires = 0;
  if (signet_result_uint(&answer, 0, "expires", &expires) != SIGNET_OK || !answer.find(0, "ticket")) return;
  std::erase_if(entries_, [&](const auto& entry) { return entry->key == key; });
  if (entries_.size() == kMost) entries_.erase(entries_.begin());
  auto entry = std::make_unique<Entry>();
  entry->key = key;
  entry->answer.rows.push_back(copy_plain(answer.rows.front()));
  entry->fetched = now;
  constexpr std::uint64_t kFarFuture = 1ULL << 33;  // the clock counts nanoseconds in 63 bits
  entry->expires = Clock::time_point{std::chrono::seconds{std::min(expires, kFarFuture)}};
  entries_.push_back(std::move(entry));
}

std::unique_ptr<signet_result> TicketCache::find(const std::string& key, Clock::time_point now) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) { return entry->key == key; });
  if (found == entries_.end() || now < (*found)->fetched || now + kMargin >= (*found)->expires) return nullptr;
  auto copy = std::make_unique<signet_result>();
  copy->rows.push_back(copy_plain((*found)->answer.rows.front()));
  return copy;
}

void TicketCache::clear() { entries_.clear(); }

}  // namespace signet::client
