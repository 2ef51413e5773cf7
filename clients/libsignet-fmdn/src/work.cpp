#include "work.h"

#include <signal.h>
#include <unistd.h>

#include "cancellable.h"

namespace signet::owner {
namespace {

constexpr std::size_t kMostNews = 1024;

// A thread of a library must not take the program's signals.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

Work::Work(finder::Radio radio, Operation operation, int wake)
    : radio_{std::move(radio)}, operation_{std::move(operation)}, wake_{wake} {
  radio_.open = cancellable(std::move(radio_.open), cancelled_);
  radio_.progress = [](const std::string&) {};
  const SignalsBlocked blocked;
  thread_ = std::thread{[this] { run(); }};
}

Work::~Work() {
  cancel();
  if (thread_.joinable()) thread_.join();
}

void Work::run() {
  Outcome outcome{SIGNET_E_INTERNAL, {}};  // out of memory, most likely
  OwnedResult result;
  try {
    auto done = operation_(radio_, [this](OwnedResult news) { tell(std::move(news)); });
    if (done) {
      result = *std::move(done);
      outcome = {SIGNET_OK, {}};
    } else {
      outcome = {static_cast<int>(done.error().code), done.error().context};
    }
  } catch (const std::exception&) {
  }
  operation_ = {};  // and with it the keys
  const std::lock_guard lock{mutex_};
  outcome_ = std::move(outcome);
  result_ = std::move(result);
  ended_ = true;
  ends_.notify_all();
  wake();
}

void Work::tell(OwnedResult news) {
  const std::lock_guard lock{mutex_};
  if (news_.size() >= kMostNews) news_.pop_front();
  news_.push_back(std::move(news));
  wake();
}

void Work::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);  // fails only where it is readable already
}

void Work::wait(std::chrono::milliseconds limit) {
  std::unique_lock lock{mutex_};
  const auto ended = [this] { return ended_; };
  if (limit.count() < 0) {
    ends_.wait(lock, ended);
  } else {
    ends_.wait_for(lock, limit, ended);
  }
}

bool Work::has_ended() const {
  const std::lock_guard lock{mutex_};
  return ended_;
}

Outcome Work::take_outcome() {
  const std::lock_guard lock{mutex_};
  return std::move(outcome_);
}

OwnedResult Work::take_result() {
  const std::lock_guard lock{mutex_};
  return std::move(result_);
}

OwnedResult Work::next_news() {
  const std::lock_guard lock{mutex_};
  if (news_.empty()) return nullptr;
  auto news = std::move(news_.front());
  news_.pop_front();
  return news;
}

}  // namespace signet::owner
