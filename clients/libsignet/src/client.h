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
#include "https/network.h"
#include "outcome.h"
#include "ticket_cache.h"

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

  [[nodiscard]] int poll_fd();
  [[nodiscard]] int poll_events();
  [[nodiscard]] int poll_timeout() const;

  [[nodiscard]] std::chrono::milliseconds timeout() const { return timeout_; }
  void set_timeout(std::chrono::milliseconds timeout) { timeout_ = timeout; }
  [[nodiscard]] const std::string& error_text() const { return error_text_; }
  // Remembers the text of a failure; returns its status.
  int report(const signet::client::Outcome& outcome);

  // A program's event loop waits for this client: it has asked for the descriptor.
  [[nodiscard]] bool is_served() const { return served_; }

  signet::client::TicketCache& tickets() { return tickets_; }
  // A call under way for a ticket that was asked for ahead of time; null: there is none.
  std::unique_ptr<signet_call> take_prefetch(const std::string& key);
  void keep_prefetch(std::unique_ptr<signet_call> call) { prefetches_.push_back(std::move(call)); }
  // Takes in what has arrived from the daemon.
  void catch_up();

  // Where transfers run; there until the last dialogue has ended.
  signet::https::Network& network();

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
  bool turn();      // whatever can be done without waiting; false when it was nothing, or of the network only
  bool advance_dialogue();
  void rest();
  void sleep_until(Clock::time_point until);
  void watch_bus();
  void unwatch_bus();
  [[nodiscard]] Clock::time_point next_wake() const;
  void bus_lost(int error);
  [[nodiscard]] signet_call* next_due() const;

  void subscribe();
  void refresh_state();
  void deliver_state();
  static int on_owner_changed(sd_bus_message* message, void* self, sd_bus_error* error) noexcept;
  static int on_properties_changed(sd_bus_message* message, void* self, sd_bus_error* error) noexcept;

  signet::https::Watch watch_;  // the bus and the sockets of transfers
  int watched_events_ = -1;     // of the bus; -1: it is not in the watch
  bool served_ = false;
  std::unique_ptr<signet::https::Network> network_;
  signet::client::TicketCache tickets_;
  std::vector<std::unique_ptr<signet_call>> prefetches_;

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
