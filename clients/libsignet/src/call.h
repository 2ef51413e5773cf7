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

namespace signet::client {
class Registration;
}

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

  // Makes this a call of several steps; the client takes it from one to the next.
  void converse(std::unique_ptr<signet::client::Registration> dialogue);
  [[nodiscard]] bool is_dialogue() const { return dialogue_ != nullptr; }
  [[nodiscard]] bool can_advance() const;
  void advance();
  [[nodiscard]] const char* stage() const;

  // A good answer goes into the client's cache of tickets as well.
  void cache_as(std::string key) { cache_key_ = std::move(key); }
  [[nodiscard]] const std::string& cache_key() const { return cache_key_; }
  void answer_with(std::unique_ptr<signet_result> result);

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
  std::unique_ptr<signet::client::Registration> dialogue_;
  std::string cache_key_;
  signet::client::Outcome outcome_{SIGNET_PENDING, {}};
  std::unique_ptr<signet_result> result_;
  signet_done_fn done_ = nullptr;
  void* userdata_ = nullptr;
};
