// The handle, calls and the event loop: the C ABI in front of Client and Call. Translates; decides nothing.
#include <new>

#include "call.h"
#include "client.h"

namespace {

// Runs one entry point; no exception leaves the library. The only one there is, is out of memory.
template <class Body>
int guarded(Body body) noexcept {
  try {
    return body();
  } catch (const std::exception&) {
    return SIGNET_E_INTERNAL;
  }
}

constexpr int kMaxTimeoutMs = 24 * 60 * 60 * 1000;

}  // namespace

extern "C" {

int signet_open(signet_client** client, unsigned flags) {
  if (!client) return SIGNET_E_INVALID_ARGUMENT;
  *client = new (std::nothrow) signet_client;
  if (!*client) return SIGNET_E_INTERNAL;
  return guarded([&] {
    if ((flags & ~SIGNET_OPEN_DEFERRED) != 0) {
      return (*client)->report({SIGNET_E_INVALID_ARGUMENT, "signet_open: flags that this library does not know"});
    }
    return (flags & SIGNET_OPEN_DEFERRED) != 0 ? SIGNET_OK : (*client)->report((*client)->open());
  });
}

void signet_close(signet_client* client) { delete client; }

int signet_set_timeout(signet_client* client, int timeout_ms) {
  if (!client) return SIGNET_E_INVALID_ARGUMENT;
  return guarded([&] {
    if (timeout_ms < 1 || timeout_ms > kMaxTimeoutMs) {
      return client->report({SIGNET_E_INVALID_ARGUMENT, "signet_set_timeout: 1 to 86400000 ms"});
    }
    client->set_timeout(std::chrono::milliseconds{timeout_ms});
    return SIGNET_OK;
  });
}

const char* signet_error_text(const signet_client* client) { return client ? client->error_text().c_str() : ""; }

const char* signet_version(void) { return SIGNET_LIBRARY_VERSION; }

void signet_call_on_done(signet_call* call, signet_done_fn done, void* userdata) {
  if (call) call->on_done(done, userdata);
}

int signet_call_wait(signet_call* call, int timeout_ms) {
  if (!call) return SIGNET_E_INVALID_ARGUMENT;
  return guarded([&] {
    using Clock = signet_call::Clock;
    const auto until = timeout_ms < 0 ? Clock::time_point::max() : Clock::now() + std::chrono::milliseconds{timeout_ms};
    if (call->client()) call->client()->wait(*call, until);
    return call->outcome().status;
  });
}

int signet_call_status(const signet_call* call) { return call ? call->outcome().status : SIGNET_E_INVALID_ARGUMENT; }

const char* signet_call_error_text(const signet_call* call) { return call ? call->outcome().text.c_str() : ""; }

const char* signet_call_stage(const signet_call* call) { return call ? call->stage() : ""; }

const signet_result* signet_call_result(const signet_call* call) { return call ? call->result() : nullptr; }

void signet_call_cancel(signet_call* call) {
  guarded([&] {
    if (call) call->cancel();
    return SIGNET_OK;
  });
}

void signet_call_free(signet_call* call) { delete call; }

// What is asked of a const client may still have to tell the kernel what it waits for.
int signet_poll_fd(const signet_client* client) { return client ? const_cast<signet_client*>(client)->poll_fd() : -1; }
int signet_poll_events(const signet_client* client) {
  return client ? const_cast<signet_client*>(client)->poll_events() : 0;
}
int signet_poll_timeout(const signet_client* client) { return client ? client->poll_timeout() : -1; }

int signet_process(signet_client* client) {
  if (!client) return SIGNET_E_INVALID_ARGUMENT;
  return guarded([&] { return client->process(); });
}

int signet_watch_state(signet_client* client, signet_state_fn changed, void* userdata) {
  if (!client) return SIGNET_E_INVALID_ARGUMENT;
  return guarded([&] {
    client->watch(changed, userdata);
    return SIGNET_OK;
  });
}

}  // extern "C"
