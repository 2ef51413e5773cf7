// One thread with its event loop, and the deadlines of the connections on it. All but post() and the destructor is for
// that thread.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <string>
#include <thread>

#include "http/reply.h"

namespace signet::http {

using Executor = boost::asio::io_context::executor_type;

// A connection as its loop sees it.
class Guest {
 public:
  using Time = std::chrono::steady_clock::time_point;

  virtual ~Guest() = default;
  virtual void expire() = 0;  // its deadline has passed, for the first or a further time
  virtual void leave() = 0;   // the server stops: go, unless a request has begun
  virtual void cut() = 0;     // go at once

  Time deadline = Time::max();
};

// Deadlines are looked at four times a second by one timer for all connections: setting one costs nothing.
class Loop {
 public:
  Loop() : work_{context_.get_executor()}, thread_{[this] { context_.run(); }} {}
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() {
    work_.reset();
    context_.stop();
    thread_.join();
    over_ = true;  // guests that are still here go with the context
  }

  template <class Function>
  void post(Function function) {
    boost::asio::post(context_, std::move(function));
  }
  [[nodiscard]] Executor executor() { return context_.get_executor(); }
  [[nodiscard]] bool stopping() const { return stopping_; }

  using Place = std::list<Guest*>::iterator;
  Place enter(Guest& guest) {
    if (guests_.empty()) watch();
    return guests_.insert(guests_.end(), &guest);
  }
  void exit(Place place) {
    guests_.erase(place);
    if (over_ || !guests_.empty()) return;
    timer_.cancel();
    if (stopping_) empty_();
  }

  // `empty` is called on this thread when nobody is left; at once if nobody is here.
  void stop(std::function<void()> empty) {
    stopping_ = true;
    empty_ = std::move(empty);
    if (guests_.empty()) return empty_();
    for (Guest* guest : guests_) guest->leave();
  }
  void cut() {
    for (Guest* guest : guests_) guest->cut();
  }

  // For the field Date, made once a second.
  const std::string& date() {
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    if (now != date_time_) date_ = http_date(date_time_ = now);
    return date_;
  }

 private:
  static constexpr std::chrono::milliseconds kLook{250};

  void watch() {
    timer_.expires_after(kLook);
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      const auto now = std::chrono::steady_clock::now();
      for (Guest* guest : guests_) {
        if (guest->deadline <= now) guest->expire();
      }
      watch();
    });
  }

  std::list<Guest*> guests_;
  std::function<void()> empty_;
  bool stopping_ = false;
  bool over_ = false;
  std::time_t date_time_ = 0;
  std::string date_;
  boost::asio::io_context context_{1};
  boost::asio::steady_timer timer_{context_};
  boost::asio::executor_work_guard<Executor> work_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace signet::http
