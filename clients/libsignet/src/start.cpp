// signet_start_*: one function per operation; each only says what the request holds.
#include <cstring>
#include <new>

#include "call.h"
#include "client.h"
#include "operation.h"

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

// Builds the request with `fill` (negative errno: the arguments are not valid) and sends it.
template <class Fill>
signet_call* start(signet_client* client, const Operation& operation, Fill fill) noexcept try {
  if (!client) return nullptr;
  auto call = std::make_unique<signet_call>(*client, operation, client->timeout());
  auto request = client->new_request(*call);
  if (!request) return call.release();
  if (const int filled = fill(request.get()); filled < 0) {
    call->finish({SIGNET_E_INVALID_ARGUMENT, "the arguments of " + title(operation) + " are not valid (" +
                                                 std::strerror(-filled) +
                                                 "): a NULL pointer, or text that is not UTF-8"});
    return call.release();
  }
  call->prepare(std::move(request));
  client->submit(*call);
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

}  // extern "C"
