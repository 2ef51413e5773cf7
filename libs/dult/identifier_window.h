// The minutes after a user action in which the identifier may be read.
#pragma once

#include <optional>

#include "dult/message.h"

namespace signet::dult {

inline constexpr Time kIdentifierWindow = std::chrono::minutes{5};

class IdentifierWindow {
 public:
  void open(Time now) { end_ = now + kIdentifierWindow; }  // once more: from now on
  void close() { end_.reset(); }
  void advance(Time now) {
    if (!is_open(now)) close();
  }

  [[nodiscard]] bool is_open(Time now) const { return end_ && now < *end_; }
  [[nodiscard]] std::optional<Time> end() const { return end_; }

 private:
  std::optional<Time> end_;
};

}  // namespace signet::dult
