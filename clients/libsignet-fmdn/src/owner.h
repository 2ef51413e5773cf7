// signet_owner and signet_owner_call of the C ABI. All of it belongs to the caller's thread; see work.h for the other.
#pragma once

#include <signet/fmdn.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "crypto/random.h"
#include "keyring/keyring.h"
#include "work.h"

namespace signet::owner {

// What opens the radio: bluetoothd on the bus. Tests put devices that they made up in its place.
finder::OpenCentral& central_opener();

}  // namespace signet::owner

struct signet_owner {
 public:
  signet_owner() = default;
  signet_owner(const signet_owner&) = delete;
  signet_owner& operator=(const signet_owner&) = delete;
  ~signet_owner();

  // Errors: those of signet_owner_open().
  signet::Result<void> open(const signet_owner_options& options);

  // Null: open() has failed.
  [[nodiscard]] signet::keyring::Keyring* keyring() { return keyring_ ? &*keyring_ : nullptr; }
  [[nodiscard]] bool is_busy() const;
  [[nodiscard]] signet::finder::Radio radio() const;
  [[nodiscard]] int wake() const { return wake_.get(); }
  void poke() const;  // process() has something to do
  void set_timeout(std::chrono::milliseconds timeout) { timeout_ = timeout; }

  [[nodiscard]] const std::string& error_text() const { return error_text_; }
  // Remembers the text of a failure; returns its status.
  int report(const signet::owner::Outcome& outcome);
  int report(const signet::Error& error) { return report({static_cast<int>(error.code), error.context}); }

  void process();  // delivers what is due

  // Calls register for as long as they live.
  void add(signet_owner_call& call) { calls_.push_back(&call); }
  void remove(signet_owner_call& call) noexcept { std::erase(calls_, &call); }

 private:
  bool deliver_news();  // one; a callback may change calls_
  [[nodiscard]] signet_owner_call* next_due() const;

  std::unique_ptr<signet::keyring::Lock> lock_;
  signet::crypto::SystemRandom random_;
  std::optional<signet::keyring::Keyring> keyring_;
  std::string adapter_;
  std::chrono::milliseconds timeout_{std::chrono::seconds{30}};
  signet::UniqueFd wake_;
  std::string error_text_;
  std::vector<signet_owner_call*> calls_;
};

struct signet_owner_call {
 public:
  explicit signet_owner_call(signet_owner& owner) : owner_{&owner} { owner.add(*this); }
  signet_owner_call(const signet_owner_call&) = delete;
  signet_owner_call& operator=(const signet_owner_call&) = delete;
  ~signet_owner_call();

  void start(signet::owner::Work::Operation operation);
  // Ends a call that has not been started.
  void finish(signet::owner::Outcome outcome);
  void wait(std::chrono::milliseconds limit);
  void cancel();
  void detach();  // the owner is going away

  void on_done(signet_owner_done_fn done, void* userdata);
  void on_news(signet_owner_news_fn news, void* userdata);
  bool deliver_news();  // one, if there is; false: there was none
  void deliver_done();  // calls `done`, which may destroy this
  [[nodiscard]] bool done_is_due() const { return done_ != nullptr && !pending(); }

  // Takes in what the thread has left.
  void settle();
  [[nodiscard]] bool pending() const { return outcome_.status == SIGNET_PENDING; }
  [[nodiscard]] const signet::owner::Outcome& outcome() const { return outcome_; }
  [[nodiscard]] const signet_result* result() const { return result_.get(); }
  [[nodiscard]] signet::owner::OwnedResult take_result() { return std::move(result_); }
  [[nodiscard]] signet_owner* owner() const { return owner_; }

 private:
  signet_owner* owner_;
  std::unique_ptr<signet::owner::Work> work_;
  signet::owner::Outcome outcome_{SIGNET_PENDING, {}};
  signet::owner::OwnedResult result_;
  signet_owner_done_fn done_ = nullptr;
  void* done_userdata_ = nullptr;
  signet_owner_news_fn news_ = nullptr;
  void* news_userdata_ = nullptr;
};
