// Tells notifications from reads: bluetoothd reports both as changes of the property "Value", and a read's may come
// before or after the read's own answer.
#pragma once

#include <deque>
#include <optional>

#include "base/bytes.h"

namespace signet::bluez {

// Of one characteristic.
class ValueChanges {
 public:
  void read_begins() { reading_ = true, before_ = waiting_.size(); }

  // `value`: what the read gave. One change to this value is the read's.
  void read_ends(const Bytes& value) {
    if (!reading_) return;
    reading_ = false;
    for (std::size_t i = before_; i < waiting_.size(); ++i) {
      if (waiting_[i] != value) continue;
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
      return;
    }
    echoes_.push_back(value);
    if (echoes_.size() > kMostEchoes) echoes_.pop_front();
  }
  void read_fails() { reading_ = false; }

  void changed(Bytes value) {
    for (auto echo = echoes_.begin(); echo != echoes_.end(); ++echo) {
      if (*echo != value) continue;
      echoes_.erase(echo);
      return;
    }
    waiting_.push_back(std::move(value));
    if (waiting_.size() > kMostWaiting) waiting_.pop_front();  // a device that notifies without end
  }

  // The oldest notification that has not been taken.
  std::optional<Bytes> take() {
    if (waiting_.empty()) return std::nullopt;
    Bytes value = std::move(waiting_.front());
    waiting_.pop_front();
    return value;
  }

 private:
  static constexpr std::size_t kMostEchoes = 8;  // bluetoothd joins changes that follow quickly: some never come
  static constexpr std::size_t kMostWaiting = 256;

  std::deque<Bytes> waiting_;
  std::deque<Bytes> echoes_;
  std::size_t before_ = 0;
  bool reading_ = false;
};

}  // namespace signet::bluez
