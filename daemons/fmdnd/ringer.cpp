#include "fmdnd/ringer.h"

#include <spdlog/spdlog.h>

#include <chrono>

namespace signet::fmdnd {

fmdn::Instant steady_now() {
  return std::chrono::floor<fmdn::Instant>(std::chrono::steady_clock::now().time_since_epoch());
}

Ringer::Ringer(boost::asio::io_context& loop, Sound& sound) : sound_{sound}, timer_{loop} {}

void Ringer::follow() { tell(ring_.settle(drive())); }

bool Ringer::press_button() {
  if (!ring_.press_button()) return false;
  drive();
  tell(fmdn::RingState::button);
  return true;
}

void Ringer::tell(fmdn::RingState state) {
  const auto ended = ring_.take_ended();
  wait_for_end();
  for (const auto& told : told_) told(state, ended);
}

// The components that do ring afterwards.
fmdn::Components Ringer::drive() {
  const auto& wanted = ring_.sound();
  if (!wanted) {
    if (sounding_) sound_.stop();
    sounding_ = false;
    return 0;
  }
  const auto started = sound_.start(wanted->components, static_cast<std::uint8_t>(wanted->volume));
  sounding_ = started.has_value();
  if (!started) spdlog::warn("{}", to_string(started.error()));
  return sounding_ ? wanted->components : fmdn::Components{0};
}

void Ringer::wait_for_end() {
  const auto& wanted = ring_.sound();
  if (!wanted) return static_cast<void>(timer_.cancel());
  timer_.expires_at(std::chrono::steady_clock::time_point{wanted->until});
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    if (!ring_.expire(steady_now())) return wait_for_end();
    drive();
    tell(fmdn::RingState::timed_out);
  });
}

}  // namespace signet::fmdnd
