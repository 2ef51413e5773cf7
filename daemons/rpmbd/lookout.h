// Looks for the chip again when that may help: a node has appeared, or some time has passed.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>

#include "rpmb/transport/open.h"
#include "rpmbd/core.h"
#include "rpmbd/lane.h"
#include "rpmbd/status_board.h"

namespace signet::rpmbd {

// On the loop's thread. Queues its work under the empty namespace, which no client can have. Sleeps while the chip is
// fine.
class Lookout {
 public:
  // `where`: the chip that is looked for.
  Lookout(boost::asio::io_context& loop, Lane& lane, Core& core, StatusBoard& board,
          const rpmb::TransportOptions& where);

  // Starts a look, unless one is on its way.
  void look();

 private:
  class Look;
  void wait_for_time();
  void wait_for_node();

  Lane& lane_;
  Core& core_;
  const StatusBoard& board_;
  boost::asio::steady_timer timer_;
  std::optional<rpmb::NodeWatch> nodes_;
  std::optional<boost::asio::posix::stream_descriptor> events_;
  bool looking_ = false;
  bool waiting_ = false;  // for timer_
  std::chrono::seconds interval_;
};

}  // namespace signet::rpmbd
