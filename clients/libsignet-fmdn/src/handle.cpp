// The handle, calls and the event loop: the C ABI in front of signet_owner. Translates; decides nothing.
#include <new>

#include "libsignet/src/known.h"
#include "offline.h"
#include "owner.h"

using signet::owner::guarded;

namespace {

constexpr int kMaxTimeoutMs = 24 * 60 * 60 * 1000;

}  // namespace

extern "C" {

int signet_owner_open(signet_owner** owner, const signet_owner_options* options) {
  if (!owner) return SIGNET_E_INVALID_ARGUMENT;
  *owner = new (std::nothrow) signet_owner;
  if (!*owner) return SIGNET_E_INTERNAL;
  return guarded([&] {
    const auto known = signet::client::known_fields(options);
    if (!known) {
      return (*owner)->report({SIGNET_E_INVALID_ARGUMENT, "options: of a size that this library does not know"});
    }
    const auto opened = (*owner)->open(*known);
    return opened ? SIGNET_OK : (*owner)->report(opened.error());
  });
}

void signet_owner_close(signet_owner* owner) { delete owner; }

int signet_owner_set_timeout(signet_owner* owner, int timeout_ms) {
  if (!owner) return SIGNET_E_INVALID_ARGUMENT;
  return guarded([&] {
    if (timeout_ms < 1 || timeout_ms > kMaxTimeoutMs) {
      return owner->report({SIGNET_E_INVALID_ARGUMENT, "signet_owner_set_timeout: 1 to 86400000 ms"});
    }
    owner->set_timeout(std::chrono::milliseconds{timeout_ms});
    return SIGNET_OK;
  });
}

const char* signet_owner_error_text(const signet_owner* owner) { return owner ? owner->error_text().c_str() : ""; }

void signet_owner_call_on_done(signet_owner_call* call, signet_owner_done_fn done, void* userdata) {
  if (call) call->on_done(done, userdata);
}

void signet_owner_call_on_news(signet_owner_call* call, signet_owner_news_fn news, void* userdata) {
  if (call) call->on_news(news, userdata);
}

int signet_owner_call_wait(signet_owner_call* call, int timeout_ms) {
  if (!call) return SIGNET_E_INVALID_ARGUMENT;
  return guarded([&] {
    call->wait(std::chrono::milliseconds{timeout_ms});
    return call->outcome().status;
  });
}

// What is asked of a const call may still have to be taken from the thread.
int signet_owner_call_status(const signet_owner_call* call) {
  if (!call) return SIGNET_E_INVALID_ARGUMENT;
  return guarded([&] {
    const_cast<signet_owner_call*>(call)->settle();
    return call->outcome().status;
  });
}

// The text of a call that has ended does not change any more; that of one that has not is not the call's own, so that
// it outlives the end.
const char* signet_owner_call_error_text(const signet_owner_call* call) {
  return signet_owner_call_status(call) == SIGNET_PENDING || !call ? "" : call->outcome().text.c_str();
}

const signet_result* signet_owner_call_result(const signet_owner_call* call) {
  return signet_owner_call_status(call) == SIGNET_OK ? call->result() : nullptr;
}

void signet_owner_call_cancel(signet_owner_call* call) {
  if (call) call->cancel();
}

void signet_owner_call_free(signet_owner_call* call) { delete call; }

int signet_owner_finish(signet_owner_call* call, signet_result** result) {
  if (result) *result = nullptr;
  if (!call) return SIGNET_E_INTERNAL;
  const std::unique_ptr<signet_owner_call> owned{call};
  return guarded([&] {
    call->wait(std::chrono::milliseconds{-1});
    if (result) *result = call->take_result().release();
    return call->owner() ? call->owner()->report(call->outcome()) : call->outcome().status;
  });
}

int signet_owner_poll_fd(const signet_owner* owner) { return owner ? owner->wake() : -1; }

int signet_owner_process(signet_owner* owner) {
  if (!owner) return SIGNET_E_INVALID_ARGUMENT;
  return guarded([&] {
    owner->process();
    return SIGNET_OK;
  });
}

}  // extern "C"
