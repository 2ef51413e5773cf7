#include "fmdnd/gpio_sound.h"

#include <spdlog/spdlog.h>

namespace signet::fmdnd {

GpioSound::GpioSound(boost::asio::io_context& loop, Gpio& gpio, GpioLine line)
    : gpio_{gpio}, line_{std::move(line)}, beeps_{loop} {
  if (const auto held = hold(); !held) spdlog::warn("sound: {}", to_string(held.error()));
}

Result<void> GpioSound::hold() {
  output_ = {};  // it can be had only once
  SIGNET_ASSIGN(output_, gpio_.output(line_));
  return {};
}

Result<void> GpioSound::start(std::uint8_t, std::uint8_t) {
  stop();
  if (!output_) SIGNET_TRY(hold());
  return beeps_.begin([this](bool on) { return output_->set(on); });
}

void GpioSound::stop() {
  beeps_.end();
  if (!output_) return;
  if (const auto silent = output_->set(false); !silent) {
    spdlog::warn("sound: {}", to_string(silent.error()));
    output_ = {};
  }
}

}  // namespace signet::fmdnd
