// The kernel's management socket on an Asio loop: one command at a time, replies to who asked, events to one listener.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "base/result.h"
#include "base/unique_fd.h"
#include "bluez/management.h"

namespace signet::bluez {

// The socket of this network namespace. Reading needs no right; changing anything needs CAP_NET_ADMIN and says so with
// Status::permission_denied. no_service: this kernel has no Bluetooth (or the module is not loaded); access_denied; io.
Result<UniqueFd> open_management_socket();

// Knows what a reply belongs to; nothing of advertising.
class ManagementSocket {
 public:
  using Reply = std::function<void(const Result<management::CommandDone>&)>;
  using Listener = std::function<void(const management::Event&)>;  // never a CommandDone

  // `patience`: with one command. The kernel gives up on a controller after 2 s; on a dead one it may say nothing.
  ManagementSocket(boost::asio::io_context& loop, UniqueFd socket,
                   std::chrono::milliseconds patience = std::chrono::seconds{10});
  ~ManagementSocket();
  ManagementSocket(const ManagementSocket&) = delete;
  ManagementSocket& operator=(const ManagementSocket&) = delete;

  void listen(Listener listener) { listener_ = std::move(listener); }
  // `lost`: the kernel has ended the socket; nothing is heard any more, and every command fails.
  void when_lost(std::function<void(const Error&)> lost) { when_lost_ = std::move(lost); }

  // Commands go out in order, each after the answer to the one before. Errors to `reply`: timeout, io. A status other
  // than success is no error here.
  void command(Bytes frame, Reply reply);

  // Sends without order and answer; for the last words.
  void shout(const Bytes& frame);

 private:
  struct Command {
    Bytes frame;
    Reply reply;
  };

  void send_next();
  void wait();
  bool receive();
  void take(const management::Event& event);
  void finish(const Result<management::CommandDone>& outcome);

  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer timer_;
  std::chrono::milliseconds patience_;
  Listener listener_;
  std::function<void(const Error&)> when_lost_;
  std::deque<Command> commands_;
  bool under_way_ = false;    // the first of them
  std::uint64_t number_ = 0;  // of the command under way: a time-out may be in the queue when the answer comes
  bool lost_ = false;
  Bytes buffer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signet::bluez
