#include "fmdnd/beeps.h"

#include <spdlog/spdlog.h>

namespace signet::fmdnd {
namespace {

constexpr std::chrono::milliseconds kBeep{500};

}  // namespace

Result<void> Beeps::begin(Switch switch_to) {
  switch_to_ = std::move(switch_to);
  return beep(true);
}

void Beeps::end() {
  timer_.cancel();
  switch_to_ = {};  // for a timer that has run out already
}

Result<void> Beeps::beep(bool on) {
  SIGNET_TRY(switch_to_(on));
  timer_.expires_after(kBeep);
  timer_.async_wait([this, on](const boost::system::error_code& cancelled) {
    if (cancelled || !switch_to_) return;
    if (const auto switched = beep(!on); !switched) spdlog::warn("{}", to_string(switched.error()));
  });
  return {};
}

}  // namespace signet::fmdnd
