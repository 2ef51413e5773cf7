// One GATT client at a time. bluetoothd sends a notification to every client that has subscribed, so that with two of
// them one would read the answers to the other.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace signet::bluez {

// Decides; the caller disconnects whom it is told to. Reads no clock.
class SingleClient {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // After which an unauthenticated client makes room: without asking, and at most, however much it asks.
  static constexpr std::chrono::seconds kIdle{10};
  static constexpr std::chrono::seconds kUnproved{60};  // enough for whoever has a key, and to hear a sound to its end

  struct Verdict {
    bool admitted = false;                // if not: answer with an error, and disconnect the newcomer
    std::optional<std::string> let_go{};  // disconnect this one: it made room

    bool operator==(const Verdict&) const = default;
  };

  // `device` has connected, or asks for something. Its idle time begins anew if it is the one present.
  Verdict arrives(const std::string& device, Time now);

  // It has proved to know a key; it stays until it goes. Nothing if it is not the one present.
  void authenticated(const std::string& device);

  // It is in the midst of something that ends by itself, and stays so long; when that is over its time begins anew.
  void busy(const std::string& device, bool is, Time now);

  // What anybody has proved counts no more; its time begins anew.
  void distrust(Time now);

  void gone(const std::string& device);

  [[nodiscard]] const std::optional<std::string>& present() const { return present_; }

 private:
  std::optional<std::string> present_;
  Time since_{};
  Time last_{};
  bool authenticated_ = false;
  bool busy_ = false;
};

}  // namespace signet::bluez
