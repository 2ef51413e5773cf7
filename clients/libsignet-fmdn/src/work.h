// One operation over the air in a thread of its own. The thread shares nothing with the caller but what is in here.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "finder/radio.h"
#include "rows.h"

namespace signet::owner {

struct Outcome {
  int status;
  std::string text;  // empty for SIGNET_OK
};

class Work {
 public:
  using Tell = std::function<void(OwnedResult news)>;
  // Runs on the thread; the radio is cancellable.
  using Operation = std::function<Result<OwnedResult>(const finder::Radio& radio, const Tell& tell)>;

  // `wake`: an eventfd that is written to for news and at the end; outlives this.
  Work(finder::Radio radio, Operation operation, int wake);
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  ~Work();  // cancels, and waits

  void cancel() { *cancelled_ = true; }
  // Waits for at most `limit`; negative: until it has ended.
  void wait(std::chrono::milliseconds limit);

  [[nodiscard]] bool has_ended() const;
  // Once, when it has ended.
  Outcome take_outcome();
  OwnedResult take_result();
  OwnedResult next_news();  // null: there are none

 private:
  void run();
  void tell(OwnedResult news);
  void wake() const;

  finder::Radio radio_;
  Operation operation_;
  int wake_;
  std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);

  mutable std::mutex mutex_;
  std::condition_variable ends_;
  bool ended_ = false;
  Outcome outcome_{SIGNET_PENDING, {}};
  OwnedResult result_;
  std::deque<OwnedResult> news_;

  std::thread thread_;  // last: it uses the others
};

}  // namespace signet::owner
