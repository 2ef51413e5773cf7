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
  static constexpr std::chrono::seconds kIdle{10};  // after which an unauthenticated client makes room

  struct Verdict {
    bool admitted = false;                // if not: answer with an error, and disconnect the newcomer
    std::optional<std::string> let_go{};  // disconnect this one: it made room

    bool operator==(const Verdict&) const = default;
  };

  // `device` has connected, or asks for something. Its idle time begins anew if it is the one present.
  Verdict arrives(const std::string& device, Time now);

  // It has proved to know a key; it stays until it goes. Nothing if it is not the one present.
  void authenticated(const std::string& device);

  void gone(const std::string& device);

  [[nodiscard]] const std::optional<std::string>& present() const { return present_; }

 private:
  std::optional<std::string> present_;
  Time last_{};
  bool authenticated_ = false;
};

}  // namespace signet::bluez
