// The operations that wait: each starts its call, waits for it, and hands out what it left.
#include <cstring>
#include <utility>

#include "call.h"
#include "client.h"

namespace {

using OwnedCall = std::unique_ptr<signet_call>;

// Waits for `call` (null: out of memory) and remembers the text of a failure.
int finish(signet_client* client, signet_call* call) {
  if (!client) return SIGNET_E_INVALID_ARGUMENT;
  if (!call) return SIGNET_E_INTERNAL;
  client->wait(*call, signet_call::Clock::time_point::max());
  return client->report(call->outcome());
}

// The same, for the entry points: no exception leaves them.
template <class Take>
int run(signet_client* client, signet_call* started, Take take) noexcept try {
  const OwnedCall call{started};
  const int status = finish(client, started);
  return status == SIGNET_OK ? take(*call) : status;
} catch (const std::exception&) {
  return SIGNET_E_INTERNAL;
}

int run(signet_client* client, signet_call* started) noexcept {
  return run(client, started, [](signet_call&) { return SIGNET_OK; });
}

int run_for_result(signet_client* client, signet_call* started, signet_result** result) noexcept {
  return run(client, started, [&](signet_call& call) {
    if (result) *result = call.take_result().release();
    return SIGNET_OK;
  });
}

// Fills the caller's buffer, or tells its size, as signet.h says under "Buffers".
int run_for_octets(signet_client* client, signet_call* started, const char* field, uint8_t* buffer,
                   size_t* size) noexcept {
  return run(client, started, [&](signet_call& call) {
    if (!size) return client->report({SIGNET_E_INVALID_ARGUMENT, "the pointer to the size is NULL"});
    size_t needed = 0;
    const uint8_t* octets = signet_result_bytes(call.result(), 0, field, &needed);
    const size_t room = std::exchange(*size, needed);
    if (!buffer) return SIGNET_OK;
    if (room < needed) {
      return client->report({SIGNET_E_TOO_LARGE, "the caller's buffer has " + std::to_string(room) + " octets, the " +
                                                     field + " has " + std::to_string(needed)});
    }
    std::memcpy(buffer, octets, needed);
    return SIGNET_OK;
  });
}

int run_for_number(signet_client* client, signet_call* started, const char* field, uint64_t* value) noexcept {
  return run(client, started, [&](signet_call& call) {
    if (value) signet_result_uint(call.result(), 0, field, value);
    return SIGNET_OK;
  });
}

}  // namespace

extern "C" {

int signet_status(signet_client* client, signet_result** result) {
  return run_for_result(client, signet_start_status(client), result);
}
int signet_whoami(signet_client* client, signet_result** result) {
  return run_for_result(client, signet_start_whoami(client), result);
}
int signet_metrics(signet_client* client, signet_result** result) {
  return run_for_result(client, signet_start_metrics(client), result);
}
int signet_refresh(signet_client* client) { return run(client, signet_start_refresh(client)); }

int signet_chip_plan(signet_client* client, signet_result** plan) {
  return run_for_result(client, signet_start_chip_plan(client), plan);
}
int signet_chip_provision(signet_client* client, const char* cid, const uint8_t* proof, size_t proof_size,
                          unsigned flags) {
  return run(client, signet_start_chip_provision(client, cid, proof, proof_size, flags));
}
int signet_chip_format(signet_client* client, const char* cid, uint32_t region) {
  return run(client, signet_start_chip_format(client, cid, region));
}
int signet_chip_accept(signet_client* client, const char* cid) {
  return run(client, signet_start_chip_accept(client, cid));
}
int signet_chip_counter(signet_client* client, uint32_t* counter) {
  uint64_t wide = 0;
  const int status = run_for_number(client, signet_start_chip_counter(client), "counter", &wide);
  if (status == SIGNET_OK && counter) *counter = static_cast<uint32_t>(wide);
  return status;
}

int signet_store_get(signet_client* client, const char* name, uint8_t* buffer, size_t* size) {
  return run_for_octets(client, signet_start_store_get(client, name), "value", buffer, size);
}
int signet_store_put(signet_client* client, const char* name, const uint8_t* value, size_t size) {
  return run(client, signet_start_store_put(client, name, value, size));
}
int signet_store_delete(signet_client* client, const char* name) {
  return run(client, signet_start_store_delete(client, name));
}
int signet_store_apply(signet_client* client, const signet_change* changes, size_t count) {
  return run(client, signet_start_store_apply(client, changes, count));
}
int signet_store_list(signet_client* client, const char* prefix, signet_result** result) {
  return run_for_result(client, signet_start_store_list(client, prefix), result);
}
int signet_store_usage(signet_client* client, signet_result** result) {
  return run_for_result(client, signet_start_store_usage(client), result);
}

int signet_key_generate(signet_client* client, const char* name, const char* algorithm) {
  return run(client, signet_start_key_generate(client, name, algorithm));
}
int signet_key_sign(signet_client* client, const char* name, const uint8_t* data, size_t data_size, uint8_t* signature,
                    size_t* size) {
  return run_for_octets(client, signet_start_key_sign(client, name, data, data_size), "signature", signature, size);
}
int signet_key_verify(signet_client* client, const char* name, const uint8_t* data, size_t data_size,
                      const uint8_t* signature, size_t signature_size) {
  signet_call* started = signet_start_key_verify(client, name, data, data_size, signature, signature_size);
  return run(client, started, [&](signet_call& call) {
    int valid = 0;
    signet_result_bool(call.result(), 0, "valid", &valid);
    if (valid != 0) return SIGNET_OK;
    return client->report(
        {SIGNET_E_BAD_SIGNATURE, std::string{"the signature is not one of key "} + name + " over this data"});
  });
}
int signet_key_public(signet_client* client, const char* name, uint8_t* der, size_t* size) {
  return run_for_octets(client, signet_start_key_public(client, name), "der", der, size);
}
int signet_key_delete(signet_client* client, const char* name) {
  return run(client, signet_start_key_delete(client, name));
}
int signet_key_list(signet_client* client, signet_result** result) {
  return run_for_result(client, signet_start_key_list(client), result);
}

int signet_counter_create(signet_client* client, const char* name, uint64_t* value) {
  return run_for_number(client, signet_start_counter_create(client, name), "value", value);
}
int signet_counter_increment(signet_client* client, const char* name, uint64_t* value) {
  return run_for_number(client, signet_start_counter_increment(client, name), "value", value);
}
int signet_counter_read(signet_client* client, const char* name, uint64_t* value) {
  return run_for_number(client, signet_start_counter_read(client, name), "value", value);
}
int signet_counter_delete(signet_client* client, const char* name) {
  return run(client, signet_start_counter_delete(client, name));
}
int signet_counter_list(signet_client* client, signet_result** result) {
  return run_for_result(client, signet_start_counter_list(client), result);
}

int signet_evidence_get(signet_client* client, const uint8_t* data, size_t data_size, uint8_t* frames, size_t* size) {
  return run_for_octets(client, signet_start_evidence_get(client, data, data_size), "frames", frames, size);
}
int signet_evidence_verify(signet_client* client, const uint8_t* data, size_t data_size, const uint8_t* frames,
                           size_t frames_size, signet_result** result) {
  signet_call* started = signet_start_evidence_verify(client, data, data_size, frames, frames_size);
  return run(client, started, [&](signet_call& call) {
    const char* verdict = signet_result_string(call.result(), 0, "verdict");
    const std::string reason{verdict ? verdict : "no verdict"};
    if (result) *result = call.take_result().release();
    if (reason == "ok") return SIGNET_OK;
    return client->report({SIGNET_E_BAD_SIGNATURE, "the evidence is not genuine: " + reason});
  });
}

int signet_register(signet_client* client, const char* model_id, const char* sn, const char* app_id,
                    const char* sn_ticket) {
  if (client && client->is_served()) return client->report(signet::client::served_by_a_loop());
  return run(client, signet_start_register(client, model_id, sn, app_id, sn_ticket));
}
int signet_registration_cancel(signet_client* client) { return run(client, signet_start_registration_cancel(client)); }
int signet_device_release(signet_client* client, const char* release) {
  return run(client, signet_start_device_release(client, release));
}
int signet_device_info(signet_client* client, signet_result** result) {
  return run_for_result(client, signet_start_device_info(client), result);
}
int signet_ticket_get(signet_client* client, const char* audience, const signet_ticket_options* options,
                      signet_result** result) {
  return run_for_result(client, signet_start_ticket_get(client, audience, options), result);
}

}  // extern "C"
