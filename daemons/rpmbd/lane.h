// The one lane to the chip: decides where a call runs and in what order, so that the loop never blocks and nobody
// starves.
//
// The chip and everything on it (Core) belongs to exactly one thread at any time. While the worker is idle that is the
// loop's thread, which then runs calls that cannot block right away: an HMAC costs no thread switch. Everything else is
// handed to the worker, one call at a time, and with it the ownership; what arrives meanwhile waits, served round robin
// over namespaces.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/result.h"

namespace signet::rpmbd {

// Work for the lane. run() may block and owns the chip; finish() is called on the loop's thread when that is over.
class Job {
 public:
  virtual ~Job() = default;
  virtual void run() = 0;
  virtual void finish() = 0;
  [[nodiscard]] virtual std::size_t octets() const { return 0; }  // memory that it holds while it waits
};

class Lane {
 public:
  static constexpr std::size_t kWaitingPerSpace = 16;
  static constexpr std::size_t kWaitingOctetsPerSpace = 8 * 1024 * 1024;

  // `done` is called on the loop's thread after every job of the worker, before its finish(): the loop owns the chip
  // then.
  Lane(boost::asio::io_context& loop, std::function<void()> done);
  // Waits for the job in progress; those that wait are dropped unserved.
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Whether the loop's thread owns the chip right now. Only then may it be touched, and only until the next submit().
  [[nodiscard]] bool idle() const { return !running_; }

  // Queues `job` for `space`. Error: busy, when kWaitingPerSpace jobs of that namespace are waiting already, or would
  // hold more than kWaitingOctetsPerSpace; the job is then still the caller's.
  Result<void> submit(const std::string& space, std::unique_ptr<Job>& job);

  [[nodiscard]] std::size_t waiting() const { return waiting_; }

 private:
  struct Queue {
    std::string space;
    std::deque<std::unique_ptr<Job>> jobs;
    std::size_t octets = 0;
  };

  void start_next();
  void finished();
  void work();

  boost::asio::io_context& loop_;
  std::function<void()> done_;
  std::list<Queue> queues_;  // only those with jobs; the first is served next
  std::size_t waiting_ = 0;
  std::unique_ptr<Job> running_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  Job* handed_ = nullptr;
  bool stopping_ = false;

  std::thread worker_;  // last: it uses all of the above
};

}  // namespace signet::rpmbd
