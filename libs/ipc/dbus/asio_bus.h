// Drives one D-Bus connection from an Asio loop, so that timers, signals, workers and D-Bus share one thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include <sdbus-c++/sdbus-c++.h>

namespace signet::dbus {

// Build it last: it dispatches from the first turn of the loop. Not thread-safe; everything happens on the loop's
// thread. When the connection is lost, sdbus::Error leaves io_context::run().
class AsioBus {
 public:
  AsioBus(boost::asio::io_context& loop, sdbus::IConnection& bus);
  ~AsioBus();
  AsioBus(const AsioBus&) = delete;
  AsioBus& operator=(const AsioBus&) = delete;

  // Call after sending anything outside a D-Bus handler (a reply that a worker prepared, a signal, an asynchronous
  // call): the socket may have been full, or the send may have read something. Several calls in one turn of the loop
  // cost one.
  void poke();

 private:
  void process();
  void wait_readable(boost::asio::posix::stream_descriptor& descriptor);
  void wait_writable();
  void wait_timeout(const sdbus::IConnection::PollData& poll);

  boost::asio::io_context& loop_;
  sdbus::IConnection& bus_;
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::posix::stream_descriptor wake_;
  boost::asio::steady_timer timer_;
  bool poked_ = false;
  bool waits_writable_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // handlers may outlive us in the queue
};

}  // namespace signet::dbus
