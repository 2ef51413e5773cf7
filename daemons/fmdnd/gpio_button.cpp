#include "fmdnd/gpio_button.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>
#include <functional>

namespace signet::fmdnd {

GpioButton::GpioButton(boost::asio::io_context& loop, Gpio& gpio, GpioLine line, std::function<void()> pressed,
                       const std::string& node)
    : gpio_{gpio},
      line_{std::move(line)},
      pressed_{std::move(pressed)},
      readable_{loop},
      arrivals_{loop, node, std::bind_front(&GpioButton::look, this)} {
  if (const auto requested = request(); !requested) spdlog::warn("button: {}", to_string(requested.error()));
}

void GpioButton::look() {
  if (input_ && input_->present()) return;
  lose();
  static_cast<void>(request());  // why not has been told once
}

Result<void> GpioButton::request() {
  SIGNET_ASSIGN(auto input, gpio_.input(line_));
  const int descriptor = ::fcntl(input->descriptor(), F_DUPFD_CLOEXEC, 0);
  if (descriptor < 0) return fail(Errc::io, "gpio " + line_.text + ": " + std::strerror(errno));
  readable_.assign(descriptor);
  input_ = std::move(input);
  wait();
  return {};
}

void GpioButton::wait() {
  readable_.async_wait(readable_.wait_read, [this, input = input_](const boost::system::error_code& cancelled) {
    if (cancelled || input != input_) return;
    const auto edges = input->edges();
    if (!edges) return lose();
    for (const auto& edge : *edges) {
      if (debounce_.pressed(edge)) pressed_();
    }
    wait();
  });
}

void GpioButton::lose() {
  boost::system::error_code ignored;
  readable_.close(ignored);
  input_ = {};
}

}  // namespace signet::fmdnd
