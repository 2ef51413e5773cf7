// The connection to the daemon: signet_client of the C ABI. Everything happens on the caller's thread, inside the
// caller's calls: there is no thread and no lock in this library.
#pragma once

#include <signet/signet.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "bus_handles.h"
#include "call.h"
#include "outcome.h"

struct signet_client {
 public:
  using Clock = signet_call::Clock;

  signet_client() = default;
  signet_client(const signet_client&) = delete;
  signet_client& operator=(const signet_client&) = delete;
  ~signet_client();

  // Connects, when there is no connection, and waits for the daemon to say which generation it speaks.
  signet::client::Outcome open();

  // A request for `operation`. Null, and `call` ended with the reason, when there is no bus or no memory.
  signet::client::Message new_request(signet_call& call);
  // Sends the call's request as soon as the daemon is known to speak our generation.
  void submit(signet_call& call);

  // Until the call has ended or `until`. Delivers no callback.
  void wait(signet_call& call, Clock::time_point until);
  // Takes in what has arrived, then delivers the callbacks that are due.
  int process();

  void watch(signet_state_fn changed, void* userdata);

  [[nodiscard]] int poll_fd() const { return bus_ ? sd_bus_get_fd(bus_.get()) : -1; }
  [[nodiscard]] int poll_events() const;
  [[nodiscard]] int poll_timeout() const;

  [[nodiscard]] std::chrono::milliseconds timeout() const { return timeout_; }
  void set_timeout(std::chrono::milliseconds timeout) { timeout_ = timeout; }
  [[nodiscard]] const std::string& error_text() const { return error_text_; }
  // Remembers the text of a failure; returns its status.
  int report(const signet::client::Outcome& outcome);

  // Calls register for as long as they live.
  void add(signet_call& call) { calls_.push_back(&call); }
  void remove(signet_call& call) noexcept;

 private:
  enum class Generation { unknown, asked, ours };

  int connect();
  void ask_generation();
  void generation_answered(signet_call& call);
  void fail_unsent(const signet::client::Outcome& outcome);
  void settle_generation();
  bool dispatch();  // one message; false when there was none
  void bus_lost(int error);
  [[nodiscard]] signet_call* next_due() const;

  void subscribe();
  void refresh_state();
  void deliver_state();
  static int on_owner_changed(sd_bus_message* message, void* self, sd_bus_error* error) noexcept;
  static int on_properties_changed(sd_bus_message* message, void* self, sd_bus_error* error) noexcept;

  signet::client::Bus bus_;
  std::chrono::milliseconds timeout_{std::chrono::seconds{30}};
  std::string error_text_;
  std::vector<signet_call*> calls_;

  Generation generation_ = Generation::unknown;
  std::unique_ptr<signet_call> generation_call_;
  signet::client::Slot owner_match_;

  signet_state_fn state_changed_ = nullptr;
  void* state_userdata_ = nullptr;
  signet::client::Slot properties_match_;
  bool state_stale_ = false;  // the state has to be asked for (again)
  std::unique_ptr<signet_call> state_call_;
};
