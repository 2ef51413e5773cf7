// signet_start_*: one function per operation; each only says what the request holds.
#include <cstring>
#include <new>
#include <optional>

#include "call.h"
#include "client.h"
#include "known.h"
#include "operation.h"
#include "registration.h"

namespace {

namespace op = signet::client::op;
using signet::client::Operation;

struct Octets {
  const uint8_t* data;
  size_t size;
};

// Appends one argument; negative errno.
int put(sd_bus_message* m, const char* text) { return text ? sd_bus_message_append_basic(m, 's', text) : -EINVAL; }
int put(sd_bus_message* m, Octets octets) {
  if (!octets.data && octets.size > 0) return -EINVAL;
  return sd_bus_message_append_array(m, 'y', octets.data, octets.size);
}

signet::client::Outcome not_valid(const Operation& operation, int error) {
  return {SIGNET_E_INVALID_ARGUMENT, "the arguments of " + title(operation) + " are not valid (" +
                                         std::strerror(error) + "): a NULL pointer, or text that is not UTF-8"};
}

// Builds the request with `fill` (negative errno: the arguments are not valid) and sends it.
template <class Fill>
void send(signet_client& client, signet_call& call, Fill fill) {
  auto request = client.new_request(call);
  if (!request) return;
  if (const int filled = fill(request.get()); filled < 0) return call.finish(not_valid(call.operation(), -filled));
  call.prepare(std::move(request));
  client.submit(call);
}

template <class Fill>
signet_call* start(signet_client* client, const Operation& operation, Fill fill) noexcept try {
  if (!client) return nullptr;
  auto call = std::make_unique<signet_call>(*client, operation, client->timeout());
  send(*client, *call, fill);
  return call.release();
} catch (const std::exception&) {
  return nullptr;
}

template <class... Arguments>
signet_call* start_with(signet_client* client, const Operation& operation, Arguments... arguments) noexcept {
  return start(client, operation, [&]([[maybe_unused]] sd_bus_message* m) {
    int error = 0;
    ((error = error < 0 ? error : put(m, arguments)), ...);
    return error;
  });
}

int put_changes(sd_bus_message* m, const signet_change* changes, size_t count) {
  if (!changes && count > 0) return -EINVAL;
  if (const int opened = sd_bus_message_open_container(m, 'a', "(sbay)"); opened < 0) return opened;
  for (size_t i = 0; i < count; ++i) {
    const signet_change& change = changes[i];
    if (!change.name) return -EINVAL;
    sd_bus_message_open_container(m, 'r', "sbay");
    const int named = sd_bus_message_append(m, "sb", change.name, change.value ? 0 : 1);
    if (named < 0) return named;
    const int valued = put(m, Octets{change.value, change.value ? change.size : 0});
    if (valued < 0) return valued;
    sd_bus_message_close_container(m);
  }
  return sd_bus_message_close_container(m);
}

int put_provisioning(sd_bus_message* m, const char* cid, Octets proof, unsigned flags) {
  const bool without_backup = (flags & SIGNET_PROVISION_NO_BACKUP) != 0;
  if (without_backup == (proof.data != nullptr)) return -EINVAL;  // exactly one of the two
  if (const int named = put(m, cid); named < 0) return named;
  if (const int opened = sd_bus_message_open_container(m, 'a', "{sv}"); opened < 0) return opened;
  sd_bus_message_append(m, "{sv}", "root_backup", "s", without_backup ? "none-accepted" : "proven");
  if (!without_backup) {
    sd_bus_message_open_container(m, 'e', "sv");
    sd_bus_message_append_basic(m, 's', "root_backup_proof");
    sd_bus_message_open_container(m, 'v', "ay");
    if (const int proven = put(m, proof); proven < 0) return proven;
    sd_bus_message_close_container(m);
    sd_bus_message_close_container(m);
  }
  if (flags & SIGNET_PROVISION_AGAIN) sd_bus_message_append(m, "{sv}", "again", "b", 1);
  return sd_bus_message_close_container(m);
}

int put_formatting(sd_bus_message* m, const char* cid, uint32_t region) {
  if (const int named = put(m, cid); named < 0) return named;
  return region > 0 ? sd_bus_message_append(m, "a{sv}", 1, "region", "u", region)
                    : sd_bus_message_append(m, "a{sv}", 0);
}

// ---- Tickets

bool has_text(const char* text) { return text && *text; }

int put_ticket_options(sd_bus_message* m, const signet_ticket_options& options) {
  if (const int opened = sd_bus_message_open_container(m, 'a', "{sv}"); opened < 0) return opened;
  if (options.lifetime_s > 0) sd_bus_message_append(m, "{sv}", "lifetime", "u", options.lifetime_s);
  const std::pair<const char*, const char*> texts[] = {
      {"ext", options.ext}, {"client_key", options.client_key}, {"model_id", options.model_id}};
  for (const auto& [name, text] : texts) {
    if (!has_text(text)) continue;
    if (const int put = sd_bus_message_append(m, "{sv}", name, "s", text); put < 0) return put;
  }
  return sd_bus_message_close_container(m);
}

// Empty: such a ticket serves once. No part can hold the octet that is between them.
std::string cache_key(const char* audience, const signet_ticket_options& options) {
  if (!audience || has_text(options.nonce)) return "";
  std::string key{audience};
  for (const char* part : {options.ext, options.client_key, options.model_id}) {
    key += '\0';
    key += part ? part : "";
  }
  return key + '\0' + std::to_string(options.lifetime_s);
}

std::unique_ptr<signet_call> fetch_ticket(signet_client& client, const char* audience,
                                          const signet_ticket_options& options) {
  auto call = std::make_unique<signet_call>(client, op::kIdentityTicket, client.timeout());
  call->cache_as(cache_key(audience, options));
  send(client, *call, [&](sd_bus_message* m) {
    if (const int put_audience = put(m, audience); put_audience < 0) return put_audience;
    if (const int put_nonce = put(m, options.nonce ? options.nonce : ""); put_nonce < 0) return put_nonce;
    return put_ticket_options(m, options);
  });
  return call;
}

// A ticket that is there, one that is on its way, or a new one.
std::unique_ptr<signet_call> get_ticket(signet_client& client, const char* audience,
                                        const signet_ticket_options* given) {
  const auto options = signet::client::known_fields(given);
  if (!options) {
    auto call = std::make_unique<signet_call>(client, op::kIdentityTicket, client.timeout());
    call->finish({SIGNET_E_INVALID_ARGUMENT, "signet_ticket_options: size is not one that this library knows"});
    return call;
  }
  const std::string key = cache_key(audience, *options);
  if (key.empty() || (options->flags & SIGNET_TICKET_FRESH) != 0) return fetch_ticket(client, audience, *options);
  client.catch_up();  // one that was asked for ahead of time may have come
  if (auto ticket = client.tickets().find(key, std::chrono::system_clock::now())) {
    auto call = std::make_unique<signet_call>(client, op::kIdentityTicket, client.timeout());
    call->answer_with(std::move(ticket));
    return call;
  }
  if (auto call = client.take_prefetch(key)) return call;
  return fetch_ticket(client, audience, *options);
}

std::unique_ptr<signet_call> start_registration(signet_client& client, const char* model_id, const char* sn,
                                                const char* app_id, const char* sn_ticket) {
  auto call = std::make_unique<signet_call>(client, op::kRegister, client.timeout());
  auto begin = std::make_unique<signet_call>(client, op::kIdentityBegin, client.timeout());
  send(client, *begin, [&](sd_bus_message* m) {
    int error = 0;
    for (const char* text : {model_id, sn, app_id, sn_ticket}) error = error < 0 ? error : put(m, text);
    return error;
  });
  call->converse(std::make_unique<signet::client::Registration>(client, std::move(begin), call->deadline()));
  return call;
}

}  // namespace

extern "C" {

signet_call* signet_start_status(signet_client* client) {
  return start_with(client, op::kStatus, signet::client::kMainInterface);
}
signet_call* signet_start_whoami(signet_client* client) { return start_with(client, op::kWhoAmI); }
signet_call* signet_start_metrics(signet_client* client) { return start_with(client, op::kMetrics); }
signet_call* signet_start_refresh(signet_client* client) { return start_with(client, op::kRefresh); }

signet_call* signet_start_chip_plan(signet_client* client) { return start_with(client, op::kChipPlan); }
signet_call* signet_start_chip_provision(signet_client* client, const char* cid, const uint8_t* proof,
                                         size_t proof_size, unsigned flags) {
  return start(client, op::kChipProvision, [&](sd_bus_message* m) {
    return put_provisioning(m, cid, Octets{proof, proof_size}, flags);
  });
}
signet_call* signet_start_chip_format(signet_client* client, const char* cid, uint32_t region) {
  return start(client, op::kChipFormat, [&](sd_bus_message* m) { return put_formatting(m, cid, region); });
}
signet_call* signet_start_chip_accept(signet_client* client, const char* cid) {
  return start_with(client, op::kChipAccept, cid);
}
signet_call* signet_start_chip_counter(signet_client* client) { return start_with(client, op::kChipCounter); }

signet_call* signet_start_store_get(signet_client* client, const char* name) {
  return start_with(client, op::kStoreGet, name);
}
signet_call* signet_start_store_put(signet_client* client, const char* name, const uint8_t* value, size_t size) {
  return start_with(client, op::kStorePut, name, Octets{value, size});
}
signet_call* signet_start_store_delete(signet_client* client, const char* name) {
  return start_with(client, op::kStoreDelete, name);
}
signet_call* signet_start_store_apply(signet_client* client, const signet_change* changes, size_t count) {
  return start(client, op::kStoreApply, [&](sd_bus_message* m) { return put_changes(m, changes, count); });
}
signet_call* signet_start_store_list(signet_client* client, const char* prefix) {
  return start_with(client, op::kStoreList, prefix ? prefix : "");
}
signet_call* signet_start_store_usage(signet_client* client) { return start_with(client, op::kStoreUsage); }

signet_call* signet_start_key_generate(signet_client* client, const char* name, const char* algorithm) {
  return start_with(client, op::kKeyGenerate, name, algorithm);
}
signet_call* signet_start_key_sign(signet_client* client, const char* name, const uint8_t* data, size_t size) {
  return start_with(client, op::kKeySign, name, Octets{data, size});
}
signet_call* signet_start_key_verify(signet_client* client, const char* name, const uint8_t* data, size_t size,
                                     const uint8_t* signature, size_t signature_size) {
  return start_with(client, op::kKeyVerify, name, Octets{data, size}, Octets{signature, signature_size});
}
signet_call* signet_start_key_public(signet_client* client, const char* name) {
  return start_with(client, op::kKeyPublic, name);
}
signet_call* signet_start_key_delete(signet_client* client, const char* name) {
  return start_with(client, op::kKeyDelete, name);
}
signet_call* signet_start_key_list(signet_client* client) { return start_with(client, op::kKeyList); }

signet_call* signet_start_counter_create(signet_client* client, const char* name) {
  return start_with(client, op::kCounterCreate, name);
}
signet_call* signet_start_counter_increment(signet_client* client, const char* name) {
  return start_with(client, op::kCounterIncrement, name);
}
signet_call* signet_start_counter_read(signet_client* client, const char* name) {
  return start_with(client, op::kCounterRead, name);
}
signet_call* signet_start_counter_delete(signet_client* client, const char* name) {
  return start_with(client, op::kCounterDelete, name);
}
signet_call* signet_start_counter_list(signet_client* client) { return start_with(client, op::kCounterList); }

signet_call* signet_start_evidence_get(signet_client* client, const uint8_t* data, size_t size) {
  return start_with(client, op::kEvidenceGet, Octets{data, size});
}
signet_call* signet_start_evidence_verify(signet_client* client, const uint8_t* data, size_t size,
                                          const uint8_t* frames, size_t frames_size) {
  return start_with(client, op::kEvidenceVerify, Octets{data, size}, Octets{frames, frames_size});
}

signet_call* signet_start_register(signet_client* client, const char* model_id, const char* sn, const char* app_id,
                                   const char* sn_ticket) try {
  return client ? start_registration(*client, model_id, sn, app_id, sn_ticket).release() : nullptr;
} catch (const std::exception&) {
  return nullptr;
}
signet_call* signet_start_registration_cancel(signet_client* client) { return start_with(client, op::kIdentityCancel); }
signet_call* signet_start_device_release(signet_client* client, const char* release) {
  return start_with(client, op::kIdentityRelease, release);
}
signet_call* signet_start_device_info(signet_client* client) { return start_with(client, op::kIdentityInfo); }

signet_call* signet_start_ticket_get(signet_client* client, const char* audience,
                                     const signet_ticket_options* options) try {
  return client ? get_ticket(*client, audience, options).release() : nullptr;
} catch (const std::exception&) {
  return nullptr;
}

int signet_ticket_prefetch(signet_client* client, const char* audience, const signet_ticket_options* options) try {
  if (!client) return SIGNET_E_INVALID_ARGUMENT;
  if (const auto known = signet::client::known_fields(options); known && has_text(known->nonce)) {
    return client->report({SIGNET_E_INVALID_ARGUMENT, "signet_ticket_prefetch: a ticket with a nonce serves once"});
  }
  auto call = get_ticket(*client, audience, options);
  if (!call->pending()) return client->report(call->outcome());
  client->keep_prefetch(std::move(call));
  return SIGNET_OK;
} catch (const std::exception&) {
  return SIGNET_E_INTERNAL;
}

}  // extern "C"
