// One operation under way: signet_call of the C ABI.
#pragma once

#include <signet/signet.h>

#include <chrono>
#include <memory>
#include <string>

#include "bus_handles.h"
#include "operation.h"
#include "outcome.h"
#include "result.h"

struct signet_call {
 public:
  using Clock = std::chrono::steady_clock;  // CLOCK_MONOTONIC, as sd-bus

  signet_call(signet_client& client, const signet::client::Operation& operation, std::chrono::milliseconds timeout);
  signet_call(const signet_call&) = delete;
  signet_call& operator=(const signet_call&) = delete;
  ~signet_call();

  // Gives the call its request; it is sent by send(), maybe later.
  void prepare(signet::client::Message request) { request_ = std::move(request); }
  [[nodiscard]] bool unsent() const { return pending() && request_ != nullptr; }
  void send(sd_bus* bus);

  // Ends the call, once; whatever comes later for it is dropped.
  void finish(signet::client::Outcome outcome);
  void cancel();
  void on_done(signet_done_fn done, void* userdata);
  void deliver();  // calls `done`, which may destroy this

  // The client is going away.
  void detach();

  [[nodiscard]] bool pending() const { return outcome_.status == SIGNET_PENDING; }
  [[nodiscard]] bool due() const { return !pending() && done_ != nullptr; }
  [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
  [[nodiscard]] const signet::client::Operation& operation() const { return operation_; }
  [[nodiscard]] const signet::client::Outcome& outcome() const { return outcome_; }
  [[nodiscard]] const signet_result* result() const { return result_.get(); }
  [[nodiscard]] std::unique_ptr<signet_result> take_result() { return std::move(result_); }
  [[nodiscard]] signet_client* client() const { return client_; }

 private:
  static int on_reply(sd_bus_message* reply, void* self, sd_bus_error* error) noexcept;
  void answered(sd_bus_message* reply);

  signet_client* client_;
  const signet::client::Operation& operation_;
  Clock::time_point deadline_;
  signet::client::Message request_;
  signet::client::Slot slot_;
  signet::client::Outcome outcome_{SIGNET_PENDING, {}};
  std::unique_ptr<signet_result> result_;
  signet_done_fn done_ = nullptr;
  void* userdata_ = nullptr;
};
