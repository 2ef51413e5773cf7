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

// Rounded up, as poll(2) wants it: -1 for ever.
int milliseconds_until(signet_client::Clock::time_point until) {
  if (until == signet_client::Clock::time_point::max()) return -1;
  return static_cast<int>(std::min<std::uint64_t>((microseconds_until(until) + 999) / 1000, INT_MAX));
}

}  // namespace

signet_client::~signet_client() {
  generation_call_.reset();
  state_call_.reset();
  prefetches_.clear();
  while (!calls_.empty()) {  // the end of one with several steps takes others with it
    signet_call* last = calls_.back();
    calls_.pop_back();
    last->detach();
  }
}

// ---- The connection -------------------------------------------------------------------------------------------------

int signet_client::connect() {
  if (bus_) return 0;
  sd_bus* bus = nullptr;
  if (const int opened = sd_bus_open_system(&bus); opened < 0) return -opened;
  unwatch_bus();
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
    if (!call->pending() || call->is_dialogue()) continue;  // whose present step is a call of its own, or needs no bus
    call->finish(call->unsent() ? signet::client::no_bus(error) : signet::client::lost_bus(error, call->operation()));
  }
  generation_call_.reset();
  generation_ = Generation::unknown;
  owner_match_.reset();
  properties_match_.reset();
  state_stale_ = state_changed_ != nullptr;
  tickets_.clear();
  unwatch_bus();
  bus_.reset();
}

bool signet_client::dispatch() {
  const int processed = sd_bus_process(bus_.get(), nullptr);
  settle_generation();
  if (processed < 0) bus_lost(-processed);
  return processed > 0;
}

void signet_client::catch_up() {
  while (bus_ && dispatch()) {
  }
}

// ---- Calls of several steps -----------------------------------------------------------------------------------------

signet::https::Network& signet_client::network() {
  if (!network_) network_ = std::make_unique<signet::https::Network>(watch_);
  return *network_;
}

// What arrives in the middle of a step (dispatch(), turn() of the network) only marks the step as ended. The next one
// starts here, so that nothing is started or freed in the middle of anything.
bool signet_client::advance_dialogue() {
  const auto found =
      std::find_if(calls_.begin(), calls_.end(), [](const signet_call* call) { return call->can_advance(); });
  if (found == calls_.end()) return false;
  (*found)->advance();
  return true;
}

// Closes the connections when nobody is left who could use them again.
void signet_client::rest() {
  if (!network_) return;
  if (std::none_of(calls_.begin(), calls_.end(), [](const signet_call* call) { return call->is_dialogue(); })) {
    network_.reset();
  }
}

bool signet_client::turn() {
  const bool dispatched = bus_ && dispatch();
  if (network_) network_->turn();
  const bool advanced = advance_dialogue();
  if (!dispatched && !advanced) rest();
  return dispatched || advanced;
}

// ---- Tickets

std::unique_ptr<signet_call> signet_client::take_prefetch(const std::string& key) {
  std::erase_if(prefetches_, [](const auto& call) { return !call->pending(); });
  const auto found =
      std::find_if(prefetches_.begin(), prefetches_.end(), [&](const auto& call) { return call->cache_key() == key; });
  if (found == prefetches_.end()) return nullptr;
  auto call = std::move(*found);
  prefetches_.erase(found);
  return call;
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
  client.tickets_.clear();
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
  catch_up();                  // whether the daemon was replaced may be waiting to be read
  if (!call.unsent()) return;  // the bus is lost, and the call has ended with it
  if (generation_ == Generation::ours) return call.send(bus_.get());
  if (generation_ == Generation::unknown) ask_generation();
  settle_generation();
}

void signet_client::wait(signet_call& call, Clock::time_point until) {
  while (call.pending() && (bus_ || call.is_dialogue())) {
    if (turn() || !call.pending()) continue;
    if (until <= Clock::now()) break;
    sleep_until(until);
  }
  rest();
}

void signet_client::sleep_until(Clock::time_point until) {
  if (!network_) {
    const int waited = bus_ ? sd_bus_wait(bus_.get(), microseconds_until(until)) : 0;
    if (waited < 0 && waited != -EINTR) bus_lost(-waited);
    return;
  }
  watch_bus();
  pollfd ready{watch_.descriptor(), POLLIN, 0};
  ::poll(&ready, 1, milliseconds_until(std::min(until, next_wake())));
}

int signet_client::process() {
  while (turn()) {
  }
  while (signet_call* call = next_due()) call->deliver();
  rest();
  deliver_state();
  return bus_ || network_ ? SIGNET_OK : report(signet::client::no_bus(ENOTCONN));
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

// What the bus waits for changes with every message; the watch has to know before each wait.
void signet_client::watch_bus() {
  if (!bus_) return;
  const int wanted = sd_bus_get_events(bus_.get());
  const int events = wanted < 0 ? POLLIN : wanted;
  if (events == watched_events_) return;
  watch_.set(sd_bus_get_fd(bus_.get()), events);
  watched_events_ = events;
}

void signet_client::unwatch_bus() {
  if (watched_events_ >= 0 && bus_) watch_.forget(sd_bus_get_fd(bus_.get()));
  watched_events_ = -1;
}

int signet_client::poll_fd() {
  served_ = true;
  watch_bus();
  return bus_ || network_ ? watch_.descriptor() : -1;
}

int signet_client::poll_events() {
  watch_bus();
  return bus_ || network_ ? POLLIN : 0;
}

signet_client::Clock::time_point signet_client::next_wake() const {
  const auto network = network_ ? network_->next_wake() : Clock::time_point::max();
  std::uint64_t until = UINT64_MAX;
  if (!bus_ || sd_bus_get_timeout(bus_.get(), &until) <= 0 || until == UINT64_MAX) return network;
  return std::min(network, Clock::time_point{std::chrono::microseconds{until}});
}

int signet_client::poll_timeout() const {
  const bool state_due = state_changed_ && (state_stale_ || (state_call_ && !state_call_->pending()));
  const bool step_due = std::any_of(calls_.begin(), calls_.end(), [](const auto* call) { return call->can_advance(); });
  if (state_due || step_due || next_due()) return 0;
  return milliseconds_until(next_wake());
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
