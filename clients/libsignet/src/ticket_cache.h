// Bearer tickets that are still good for a while, by what they were asked with. In the memory of one client only.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "result.h"

namespace signet::client {

class TicketCache {
 public:
  using Clock = std::chrono::system_clock;
  static constexpr std::chrono::seconds kMargin{300};  // what is left of its life when a ticket is given out, at least
  static constexpr std::size_t kMost = 16;

  TicketCache() = default;
  TicketCache(const TicketCache&) = delete;
  TicketCache& operator=(const TicketCache&) = delete;
  ~TicketCache() { clear(); }

  // Takes the answer of GetTicket. The oldest makes room for the newest.
  void remember(const std::string& key, const signet_result& answer, Clock::time_point now);
  // Null: there is none, it is too old, or the clock has been set back since.
  [[nodiscard]] std::unique_ptr<signet_result> find(const std::string& key, Clock::time_point now) const;
  void clear();  // wipes

 private:
  struct Entry {
    std::string key;
    signet_result answer;
    Clock::time_point fetched;
    Clock::time_point expires;
  };
  std::vector<std::unique_ptr<Entry>> entries_;  // oldest first
};

}  // namespace signet::client
