// One connected stream socket on the loop, with bounds on what a peer can have us keep.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/unique_fd.h"
#include "bluez/streams.h"

namespace signet::bluez {

// Reads in pieces of at most 1 KiB, and only while the peer takes what it is sent: a flood of requests waits in the
// peer's own buffers.
class OctetStream : public std::enable_shared_from_this<OctetStream> {
 public:
  // Both are called later, never out of a call of this; `closed` once, and neither after abandon().
  struct Events {
    std::function<void(BytesView)> received;
    std::function<void()> closed;
  };

  // `socket`: any stream, blocking or not.
  static std::shared_ptr<OctetStream> start(boost::asio::io_context& loop, UniqueFd socket, Events events);

  OctetStream(boost::asio::io_context& loop, UniqueFd socket, Events events);

  void send(BytesView octets);
  void close();
  void abandon();  // closes without a word

 private:
  void read();
  void write();

  boost::asio::io_context& loop_;
  boost::asio::posix::stream_descriptor socket_;
  Events events_;
  std::array<std::uint8_t, 1024> piece_{};
  Bytes unsent_;
  Bytes sending_;
  bool reading_ = false;
  bool closed_ = false;
};

}  // namespace signet::bluez
