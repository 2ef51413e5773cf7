// What a back end has to do with its controller, one job after the other.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "bluez/advertising.h"

namespace signet::bluez {

// A Job has a member `done`, which may be empty. Everything happens on the loop's thread.
template <class Job>
class JobQueue {
 public:
  // `begin`: there is a current() job now; whatever it takes, it ends with finish().
  JobQueue(boost::asio::io_context& loop, std::function<void()> begin) : loop_{loop}, begin_{std::move(begin)} {}
  ~JobQueue() { *alive_ = false; }
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  void add(Job job) {
    jobs_.push_back(std::move(job));
    wake();
  }

  // What nobody asked for comes before what is waiting: changes are made to a controller that is found and in order.
  // `same`: whether the first that waits is such a job already; then this one is not needed.
  template <class Same>
  void add_first(Job job, Same same) {
    const auto first = jobs_.begin() + (running_ ? 1 : 0);
    if (first != jobs_.end() && same(*first)) return;
    jobs_.insert(first, std::move(job));
    wake();
  }

  [[nodiscard]] const Job& current() const { return jobs_.front(); }

  void finish(const Result<void>& outcome) {
    const auto job = std::move(jobs_.front());
    jobs_.pop_front();
    running_ = false;
    const auto alive = alive_;
    if (job.done) job.done(outcome);
    if (*alive) next();
  }

 private:
  // Later, even if nothing is under way: nobody hears of the end of his change before apply() has returned.
  void wake() {
    boost::asio::post(loop_, [this, alive = alive_] {
      if (*alive) next();
    });
  }

  void next() {
    if (running_ || jobs_.empty()) return;
    running_ = true;
    begin_();
  }

  boost::asio::io_context& loop_;
  std::function<void()> begin_;
  std::deque<Job> jobs_;
  bool running_ = false;  // the first of them
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signet::bluez
