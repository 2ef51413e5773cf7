#include "client.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace {

namespace op = signet::client::op;
using signet::client::Message;
using signet::client::Outcome;
using signet::client::Slot;

std::uint64_t microseconds_until(signet_client::Clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(until - signet_client::Clock::now());
  return left.count() > 0 ? static_cast<std::uint64_t>(left.count()) : 0;
}

}  // namespace

signet_client::~signet_client() {
  generation_call_.reset();
  state_call_.reset();
  for (signet_call* call : calls_) call->detach();
}

// ---- The connection -------------------------------------------------------------------------------------------------

int signet_client::connect() {
  if (bus_) return 0;
  sd_bus* bus = nullptr;
  if (const int opened = sd_bus_open_system(&bus); opened < 0) return -opened;
  bus_.reset(bus);
  generation_ = Generation::unknown;
  sd_bus_slot* slot = nullptr;
  // Another daemon behind the name may be of another generation.
  sd_bus_match_signal_async(bus, &slot, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                            "NameOwnerChanged", on_owner_changed, nullptr, this);
  owner_match_.reset(slot);
  if (state_changed_) subscribe();
  return 0;
}

void signet_client::bus_lost(int error) {
  for (signet_call* call : calls_) {
    if (!call->pending()) continue;
    call->finish(call->unsent() ? signet::client::no_bus(error) : signet::client::lost_bus(error, call->operation()));
  }
  generation_call_.reset();
  generation_ = Generation::unknown;
  owner_match_.reset();
  properties_match_.reset();
  state_stale_ = state_changed_ != nullptr;
  bus_.reset();
}

bool signet_client::dispatch() {
  const int processed = sd_bus_process(bus_.get(), nullptr);
  settle_generation();
  if (processed < 0) bus_lost(-processed);
  return processed > 0;
}

// ---- Which generation the daemon speaks

void signet_client::ask_generation() {
  generation_ = Generation::asked;
  generation_call_ = std::make_unique<signet_call>(*this, op::kGeneration, timeout_);
  auto request = new_request(*generation_call_);
  if (!request) return;
  sd_bus_message_append(request.get(), "ss", signet::client::kMainInterface, "InterfaceVersion");
  generation_call_->prepare(std::move(request));
  generation_call_->send(bus_.get());
}

// Sends the calls that wait for the daemon's generation, or ends them, as soon as it is known.
void signet_client::settle_generation() {
  if (!generation_call_ || generation_call_->pending()) return;
  const auto call = std::move(generation_call_);
  generation_answered(*call);
}

void signet_client::generation_answered(signet_call& call) {
  generation_ = Generation::unknown;
  if (call.outcome().status != SIGNET_OK) return fail_unsent(call.outcome());
  std::uint64_t theirs = 0;
  signet_result_uint(call.result(), 0, "interface_version", &theirs);
  if (theirs != SIGNET_INTERFACE_VERSION) return fail_unsent(signet::client::wrong_generation(theirs));
  generation_ = Generation::ours;
  for (signet_call* waiting : calls_) {
    if (waiting->unsent()) waiting->send(bus_.get());
  }
}

void signet_client::fail_unsent(const Outcome& outcome) {
  report(outcome);
  for (signet_call* waiting : calls_) {
    if (waiting->unsent()) waiting->finish(outcome);
  }
}

int signet_client::on_owner_changed(sd_bus_message* message, void* self, sd_bus_error*) noexcept {
  auto& client = *static_cast<signet_client*>(self);
  const char* name = nullptr;
  if (sd_bus_message_read_basic(message, 's', &name) < 0 || std::string_view{name} != signet::client::kService)
    return 0;
  if (client.generation_ == Generation::ours) client.generation_ = Generation::unknown;
  client.state_stale_ = true;
  return 0;
}

// ---- Calls

Outcome signet_client::open() {
  signet_call probe{*this, op::kPing, timeout_};  // waits, as every call does, until the generation is known
  auto request = new_request(probe);
  if (!request) return probe.outcome();
  probe.prepare(std::move(request));
  submit(probe);
  wait(probe, probe.deadline());
  return probe.outcome();
}

Message signet_client::new_request(signet_call& call) {
  if (const int error = connect()) {
    call.finish(signet::client::no_bus(error));
    return nullptr;
  }
  sd_bus_message* message = nullptr;
  const int made =
      sd_bus_message_new_method_call(bus_.get(), &message, signet::client::kService, signet::client::kObject,
                                     call.operation().interface, call.operation().member);
  if (made < 0) {
    call.finish(signet::client::no_bus(-made));
    return nullptr;
  }
  sd_bus_message_sensitive(message);
  return Message{message};
}

void signet_client::submit(signet_call& call) {
  while (bus_ && dispatch()) {  // whether the daemon was replaced may be waiting to be read
  }
  if (!call.unsent()) return;  // the bus is lost, and the call has ended with it
  if (generation_ == Generation::ours) return call.send(bus_.get());
  if (generation_ == Generation::unknown) ask_generation();
  settle_generation();
}

void signet_client::wait(signet_call& call, Clock::time_point until) {
  while (call.pending() && bus_) {
    if (dispatch() || !call.pending() || !bus_) continue;
    const auto left = microseconds_until(until);
    if (left == 0) return;
    if (const int waited = sd_bus_wait(bus_.get(), left); waited < 0 && waited != -EINTR) bus_lost(-waited);
  }
}

int signet_client::process() {
  while (bus_ && dispatch()) {
  }
  while (signet_call* call = next_due()) call->deliver();
  deliver_state();
  return bus_ ? SIGNET_OK : report(signet::client::no_bus(ENOTCONN));
}

signet_call* signet_client::next_due() const {
  const auto found = std::find_if(calls_.begin(), calls_.end(), [](const signet_call* call) { return call->due(); });
  return found == calls_.end() ? nullptr : *found;
}

void signet_client::remove(signet_call& call) noexcept { std::erase(calls_, &call); }

int signet_client::report(const Outcome& outcome) {
  if (outcome.status != SIGNET_OK) error_text_ = outcome.text;
  return outcome.status;
}

// ---- The caller's event loop

int signet_client::poll_events() const {
  const int events = bus_ ? sd_bus_get_events(bus_.get()) : 0;
  return events < 0 ? POLLIN : events;
}

int signet_client::poll_timeout() const {
  const bool state_due = state_changed_ && (state_stale_ || (state_call_ && !state_call_->pending()));
  if (state_due || next_due()) return 0;
  std::uint64_t until = UINT64_MAX;
  if (!bus_ || sd_bus_get_timeout(bus_.get(), &until) <= 0 || until == UINT64_MAX) return -1;
  const auto left = microseconds_until(Clock::time_point{std::chrono::microseconds{until}});
  return static_cast<int>(std::min<std::uint64_t>((left + 999) / 1000, INT_MAX));
}

// ---- Watching the state

void signet_client::watch(signet_state_fn changed, void* userdata) {
  state_changed_ = changed;
  state_userdata_ = userdata;
  state_call_.reset();
  state_stale_ = changed != nullptr;
  properties_match_.reset();
  if (changed && bus_) subscribe();
}

void signet_client::subscribe() {
  sd_bus_slot* slot = nullptr;
  sd_bus_match_signal_async(bus_.get(), &slot, signet::client::kService, signet::client::kObject,
                            signet::client::kProperties, "PropertiesChanged", on_properties_changed, nullptr, this);
  properties_match_.reset(slot);
  state_stale_ = true;
}

int signet_client::on_properties_changed(sd_bus_message*, void* self, sd_bus_error*) noexcept {
  static_cast<signet_client*>(self)->state_stale_ =
      true;  // what it says is asked for, whole, once the rest has arrived
  return 0;
}

void signet_client::refresh_state() {
  state_stale_ = false;
  state_call_ = std::make_unique<signet_call>(*this, op::kStatus, timeout_);
  auto request = new_request(*state_call_);
  if (!request) return;
  sd_bus_message_set_auto_start(request.get(), 0);
  sd_bus_message_append(request.get(), "s", signet::client::kMainInterface);
  state_call_->prepare(std::move(request));
  state_call_->send(bus_.get());
}

void signet_client::deliver_state() {
  if (!state_changed_) return;
  if (state_call_ && !state_call_->pending()) {
    const auto call = std::move(state_call_);
    Outcome outcome = call->outcome();
    std::uint64_t theirs = SIGNET_INTERFACE_VERSION;
    signet_result_uint(call->result(), 0, "interface_version", &theirs);
    if (theirs != SIGNET_INTERFACE_VERSION) outcome = signet::client::wrong_generation(theirs);
    report(outcome);
    state_changed_(this, outcome.status, outcome.status == SIGNET_OK ? call->result() : nullptr, state_userdata_);
  }
  if (state_changed_ && state_stale_ && !state_call_) refresh_state();
}
