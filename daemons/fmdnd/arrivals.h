// Comings and goings of a device node, told by the kernel (inotify): nothing has to be looked at again and again.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <string>

namespace signet::fmdnd {

class Arrivals {
 public:
  // `changed`: something has come, gone or got other rights in a directory on the way to `path`, which may lead through
  // symbolic links and through directories that are not there yet. Tells of neighbours, too; never calls at once.
  Arrivals(boost::asio::io_context& loop, std::string path, std::function<void()> changed);

 private:
  void watch();
  void wait();

  boost::asio::posix::stream_descriptor inotify_;
  std::string path_;
  std::function<void()> changed_;
  std::array<char, 4096> events_{};  // what they say is of no interest
};

}  // namespace signet::fmdnd
