#include "call.h"

#include <algorithm>
#include <utility>

#include "client.h"
#include "registration.h"

using signet::client::Operation;
using signet::client::Outcome;

signet_call::signet_call(signet_client& client, const Operation& operation, std::chrono::milliseconds timeout)
    : client_{&client}, operation_{operation}, deadline_{Clock::now() + timeout} {
  client.add(*this);
}

signet_call::~signet_call() {
  if (client_) client_->remove(*this);
}

void signet_call::send(sd_bus* bus) {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  const auto left = std::max(duration_cast<microseconds>(deadline_ - Clock::now()), microseconds{1});
  const auto request = std::move(request_);
  sd_bus_slot* slot = nullptr;
  const int sent =
      sd_bus_call_async(bus, &slot, request.get(), on_reply, this, static_cast<std::uint64_t>(left.count()));
  slot_.reset(slot);
  if (sent < 0) finish(signet::client::no_bus(-sent));  // not even queued, so that a change has not taken effect
}

int signet_call::on_reply(sd_bus_message* reply, void* self, sd_bus_error*) noexcept {
  auto& call = *static_cast<signet_call*>(self);
  sd_bus_message_sensitive(reply);
  try {
    call.answered(reply);
  } catch (const std::exception& e) {
    call.outcome_.status = SIGNET_E_INTERNAL;  // out of memory, most likely; outcome_.text stays empty
  }
  return 1;
}

void signet_call::answered(sd_bus_message* reply) {
  if (const sd_bus_error* error = sd_bus_message_get_error(reply)) {
    constexpr std::chrono::milliseconds kRounding{1};  // sd-bus counts in whole microseconds of its own clock reading
    return finish(judge_error(*error, operation_, Clock::now() + kRounding >= deadline_));
  }
  if (operation_.fields.front()) {
    auto result = std::make_unique<signet_result>();
    if (signet::client::read_answer(reply, operation_.fields, *result) < 0) {
      return finish({SIGNET_E_INCOMPATIBLE, "the answer of rpmbd to " + title(operation_) +
                                                " cannot be read; install libsignet and rpmbd of the same version"});
    }
    result_ = std::move(result);
    if (!cache_key_.empty()) client_->tickets().remember(cache_key_, *result_, std::chrono::system_clock::now());
  }
  finish({SIGNET_OK, {}});
}

void signet_call::answer_with(std::unique_ptr<signet_result> result) {
  result_ = std::move(result);
  finish({SIGNET_OK, {}});
}

void signet_call::converse(std::unique_ptr<signet::client::Registration> dialogue) { dialogue_ = std::move(dialogue); }

bool signet_call::can_advance() const { return dialogue_ && dialogue_->ready(); }

void signet_call::advance() {
  auto ended = dialogue_->advance();
  if (!ended) return;
  if (ended->status == SIGNET_OK) {
    result_ = std::make_unique<signet_result>();
    result_->rows.emplace_back().push_back({"generation", dialogue_->generation()});
    client_->tickets().clear();  // they are of the generation before
  } else {
    ended->text = std::string{"step "} + dialogue_->stage() + ": " + ended->text;
  }
  dialogue_.reset();
  finish(*std::move(ended));
}

const char* signet_call::stage() const { return dialogue_ ? dialogue_->stage() : ""; }

void signet_call::finish(Outcome outcome) {
  if (!pending()) return;
  outcome_ = std::move(outcome);
  request_.reset();
  slot_.reset();
}

void signet_call::cancel() {
  dialogue_.reset();
  finish({SIGNET_E_CANCELLED, title(operation_) + " was cancelled" +
                                  (operation_.effect == signet::client::Effect::changes
                                       ? "; the change may have taken effect, or may yet: read before writing again"
                                       : "")});
}

void signet_call::on_done(signet_done_fn done, void* userdata) {
  done_ = done;
  userdata_ = userdata;
}

void signet_call::deliver() {
  if (const auto done = std::exchange(done_, nullptr)) done(this, userdata_);
}

void signet_call::detach() {
  cancel();
  client_ = nullptr;
}
