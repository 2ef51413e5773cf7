#include "rpmbd/lookout.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace signet::rpmbd {
namespace {

// For what no event tells: a root secret that was restored, a busy lock that was freed, a chip that answers again.
// Every look that finds the same problem doubles the time to the next one.
constexpr std::chrono::seconds kFirstInterval{1};
constexpr std::chrono::seconds kLongestInterval{16};

bool same_problem(const Status& a, const Status& b) {
  return a.problem.has_value() == b.problem.has_value() && (!a.problem || a.problem->code == b.problem->code);
}

}  // namespace

class Lookout::Look final : public Job {
 public:
  explicit Look(Lookout& lookout) : lookout_{lookout} {}
  void run() override { lookout_.core_.chip.open(); }
  void finish() override { lookout_.looking_ = false; }

 private:
  Lookout& lookout_;
};

Lookout::Lookout(boost::asio::io_context& loop, Lane& lane, Core& core, StatusBoard& board,
                 const rpmb::TransportOptions& where)
    : lane_{lane}, core_{core}, board_{board}, timer_{loop}, interval_{kFirstInterval} {
  if (auto nodes = rpmb::watch_for_chip(where)) {
    nodes_.emplace(*std::move(nodes));
    events_.emplace(loop, ::fcntl(nodes_->fd(), F_DUPFD_CLOEXEC, 3));
    wait_for_node();
  } else {
    spdlog::warn("a chip that appears late is found within {} s only: {}", kLongestInterval.count(),
                 to_string(nodes.error()));
  }
  board.listen([this](const Status& before, const Status& now) {
    if (!same_problem(before, now)) interval_ = kFirstInterval;
    if (worth_retrying(now)) wait_for_time();
  });
}

void Lookout::look() {
  if (std::exchange(looking_, true)) return;
  std::unique_ptr<Job> job = std::make_unique<Look>(*this);
  if (!lane_.submit("", job)) looking_ = false;
}

void Lookout::wait_for_time() {
  if (std::exchange(waiting_, true)) return;  // calls that fail meanwhile must not put it off
  timer_.expires_after(interval_);
  interval_ = std::min(2 * interval_, kLongestInterval);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    waiting_ = false;
    if (!cancelled && worth_retrying(board_.latest())) look();
  });
}

void Lookout::wait_for_node() {
  events_->async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [this](const boost::system::error_code& cancelled) {
                        if (cancelled) return;
                        if (nodes_->drain() && worth_retrying(board_.latest())) look();
                        wait_for_node();
                      });
}

}  // namespace signet::rpmbd
