#include "fmdnd/button.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>

namespace signet::fmdnd {

Button::Button(boost::asio::io_context& loop, const ButtonConfig& config, std::function<void()> pressed)
    : device_{loop}, timer_{loop}, path_{config.evdev}, key_{config.key}, pressed_{std::move(pressed)} {
  if (!path_.empty()) open();
}

void Button::open() {
  const int device = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (device < 0) return open_later();
  boost::system::error_code unfit;
  device_.assign(device, unfit);
  if (!unfit) return read();
  ::close(device);  // a regular file, say
  open_later();
}

void Button::open_later() {
  timer_.expires_after(std::chrono::seconds{10});
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) open();
  });
}

void Button::read() {
  device_.async_read_some(boost::asio::buffer(events_),
                          [this](const boost::system::error_code& failed, std::size_t size) {
                            if (failed == boost::asio::error::operation_aborted) return;
                            if (failed) {
                              boost::system::error_code ignored;
                              device_.close(ignored);
                              return open_later();
                            }
                            for (std::size_t i = 0; i < size / sizeof(input_event); ++i) {
                              if (events_[i].type == EV_KEY && events_[i].code == key_ && events_[i].value == 1)
                                pressed_();
                            }
                            read();
                          });
}

}  // namespace signet::fmdnd
