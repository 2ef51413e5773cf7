#include "fmdnd/evdev_button.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <cstring>
#include <functional>

#include "base/unique_fd.h"

namespace signet::fmdnd {

EvdevButton::EvdevButton(boost::asio::io_context& loop, std::string path, std::uint16_t key,
                         std::function<void()> pressed)
    : path_{std::move(path)},
      key_{key},
      pressed_{std::move(pressed)},
      device_{loop},
      arrivals_{loop, path_, std::bind_front(&EvdevButton::look, this)} {
  if (const auto opened = open(); !opened) spdlog::warn("{}", to_string(opened.error()));
}

void EvdevButton::look() { static_cast<void>(open()); }  // why not has been told once

Result<void> EvdevButton::open() {
  if (device_.is_open()) return {};
  UniqueFd device{::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!device) return fail(Errc::io, "button: open " + path_ + ": " + std::strerror(errno));
  boost::system::error_code unfit;
  device_.assign(device.get(), unfit);
  if (unfit) return fail(Errc::io, "button: " + path_ + " is not a device");  // but a regular file, say
  static_cast<void>(device.release());
  read();
  return {};
}

void EvdevButton::read() {
  device_.async_read_some(boost::asio::buffer(events_),
                          [this](const boost::system::error_code& failed, std::size_t size) {
                            if (failed == boost::asio::error::operation_aborted) return;
                            if (failed) return lose();
                            for (std::size_t i = 0; i < size / sizeof(input_event); ++i) {
                              if (events_[i].type == EV_KEY && events_[i].code == key_ && events_[i].value == 1)
                                pressed_();
                            }
                            read();
                          });
}

// What stands in its place already has been told of, while the old one was still open.
void EvdevButton::lose() {
  const bool replaced = !in_place();
  boost::system::error_code ignored;
  device_.close(ignored);
  if (replaced) look();
}

bool EvdevButton::in_place() {
  struct stat ours {};
  struct stat present {};
  return ::fstat(device_.native_handle(), &ours) == 0 && ::stat(path_.c_str(), &present) == 0 &&
         ours.st_dev == present.st_dev && ours.st_ino == present.st_ino;
}

}  // namespace signet::fmdnd
