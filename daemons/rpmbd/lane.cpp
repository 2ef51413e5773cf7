#include "rpmbd/lane.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>

namespace signet::rpmbd {

Lane::Lane(boost::asio::io_context& loop, std::function<void()> done) : loop_{loop}, done_{std::move(done)} {
  // Signals are the loop's business: the worker is born with all of them blocked.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  worker_ = std::thread{[this] { work(); }};
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Lane::~Lane() {
  {
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  worker_.join();
}

Result<void> Lane::submit(const std::string& space, std::unique_ptr<Job>& job) {
  auto queue = std::find_if(queues_.begin(), queues_.end(), [&](const Queue& q) { return q.space == space; });
  if (queue != queues_.end() && queue->jobs.size() >= kWaitingPerSpace) {
    return fail(Errc::busy,
                fmt::format("{} calls of namespace '{}' are waiting for the chip already", kWaitingPerSpace, space));
  }
  const std::size_t held = (queue == queues_.end() ? 0 : queue->octets) + job->octets();
  if (held > kWaitingOctetsPerSpace) {
    return fail(Errc::busy,
                fmt::format("calls of namespace '{}' with {} octets would wait for the chip; at most {} may", space,
                            held, kWaitingOctetsPerSpace));
  }
  if (queue == queues_.end()) queue = queues_.insert(queues_.end(), Queue{space, {}});
  queue->octets = held;
  queue->jobs.push_back(std::move(job));
  ++waiting_;
  if (idle()) start_next();
  return {};
}

void Lane::start_next() {
  if (queues_.empty()) return;
  Queue& queue = queues_.front();
  running_ = std::move(queue.jobs.front());
  queue.jobs.pop_front();
  queue.octets -= running_->octets();
  --waiting_;
  if (queue.jobs.empty()) {
    queues_.pop_front();
  } else {
    queues_.splice(queues_.end(), queues_, queues_.begin());  // the next namespace's turn
  }
  {
    const std::scoped_lock lock{mutex_};
    handed_ = running_.get();
  }
  wake_.notify_one();
}

void Lane::finished() {
  const auto job = std::exchange(running_, nullptr);
  done_();
  job->finish();
  if (idle()) start_next();  // finish() may have submitted
}

void Lane::work() {
  ::pthread_setname_np(::pthread_self(), "chip");
  for (;;) {
    Job* job = nullptr;
    {
      std::unique_lock lock{mutex_};
      wake_.wait(lock, [this] { return stopping_ || handed_ != nullptr; });
      if (handed_ == nullptr) return;
      job = std::exchange(handed_, nullptr);
    }
    job->run();
    boost::asio::post(loop_, [this] { finished(); });
  }
}

}  // namespace signet::rpmbd
