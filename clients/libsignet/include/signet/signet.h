/*
 * libsignet: the RPMB partition of this device, and the identity that it vouches for, as a C library. It speaks to the
 * daemon rpmbd (D-Bus, org.signet.Rpmb1) and, for a registration, to the registrar (HTTPS); what an operation means,
 * its limits and its errors stand in libsignet(3) and in the interface XML of the daemon.
 *
 * Conventions
 *   Status.     Functions that return int return SIGNET_OK or a SIGNET_E_* code of <signet/errors.h>;
 *               signet_error_text() then says what happened, why, and what to do next.
 *   Threads.    A client handle and everything that came from it belong to one thread at a time: use one handle per
 *               thread, or lock. Different handles do not know of each other. A handle does not survive fork().
 *   Time.       Every operation ends by itself after the client's timeout (signet_set_timeout, 30 s at first).
 *   Writes.     SIGNET_E_OUTCOME_UNKNOWN: the change may have taken effect, or may yet; read before writing again.
 *               A write that got no answer in time ends so, too. After any other error nothing was changed.
 *   Cancelling. A cancelled or closed operation is not undone: a write may still take effect.
 *   Buffers.    Belong to the caller. Functions that fill one take its size in *size and leave there the size of the
 *               value. A NULL buffer asks for the size only. A buffer that is too small is not written to, and the
 *               function returns SIGNET_E_TOO_LARGE. Names are NUL-terminated UTF-8, copied before a function returns.
 *   Memory.     Object contents, proofs and tickets are wiped from the library's own buffers when they are freed.
 *   Growth.     Symbols are versioned (SIGNET_0, SIGNET_0_1). Later versions add functions and fields, and change none.
 */
#ifndef SIGNET_SIGNET_H
#define SIGNET_SIGNET_H

#include <stddef.h>
#include <stdint.h>

#include <signet/errors.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* Generation of the D-Bus interface that this library speaks. Another one is SIGNET_E_INCOMPATIBLE. */
#define SIGNET_INTERFACE_VERSION 1u

#define SIGNET_SIGNATURE_MAX 64u         /* octets of the largest signature: ecdsa-p256, r || s */
#define SIGNET_EVIDENCE_SIZE (5u * 512u) /* octets of signet_evidence_get() */
#define SIGNET_DATA_MAX (1024u * 1024u)  /* octets that signet_key_sign() and _verify() take */
#define SIGNET_NAME_MAX 64u              /* octets of a name: [A-Za-z0-9._-], not starting with a dot */
#define SIGNET_CHANGES_MAX 64u           /* changes in one signet_store_apply() */

typedef struct signet_client signet_client; /* a connection to the daemon */
typedef struct signet_call signet_call;     /* one operation under way */
typedef struct signet_result signet_result; /* what an operation answered: rows of named fields */

/* ---- The handle ------------------------------------------------------------------------------------------------ */

/* Do not wait for the daemon in signet_open(): a daemon that is missing or incompatible shows with the first call. */
#define SIGNET_OPEN_DEFERRED 1u

/*
 * Connects to the system bus (DBUS_SYSTEM_BUS_ADDRESS is honoured) and makes sure that the daemon runs and speaks this
 * library's interface generation. `flags`: 0 or SIGNET_OPEN_DEFERRED.
 * *client is set even after an error, unless memory ran out: ask it for signet_error_text(), use it (every call tries
 * again), and close it. Errors: SIGNET_E_NO_SERVICE, SIGNET_E_INCOMPATIBLE, SIGNET_E_ACCESS_DENIED, SIGNET_E_TIMEOUT.
 */
int signet_open(signet_client** client, unsigned flags);

/* Ends every call of this client with SIGNET_E_CANCELLED; those still have to be freed. NULL is fine. Not from a
 * callback. */
void signet_close(signet_client* client);

/* For the calls started from now on; 1 to 86400000 ms. */
int signet_set_timeout(signet_client* client, int timeout_ms);

/* Of the last function on this handle that failed; "" when none has. Valid until the next function on this handle. */
const char* signet_error_text(const signet_client* client);

const char* signet_version(void); /* of the library, for people */

/* ---- The chip and the daemon ----------------------------------------------------------------------------------- */

/*
 * One row: interface_version, version, state ("starting", "ready", "read_only", "unavailable"), problem, problem_text,
 * remedy, and what the daemon knows of chip.* and health.*, for example chip.cid or health.write_counter.
 */
int signet_status(signet_client* client, signet_result** result);
int signet_whoami(signet_client* client, signet_result** result);  /* namespace, rights, quotas */
int signet_metrics(signet_client* client, signet_result** result); /* text: Prometheus exposition format */
int signet_refresh(signet_client* client);                         /* probe the chip again; right: admin */

#define SIGNET_PROVISION_NO_BACKUP 1u /* the loss of the root secret, and with it of the chip, is accepted */
#define SIGNET_PROVISION_AGAIN 2u     /* an administrator allows a second key request to a chip with a record */

/* One row: cid, transport, node, size, root_source, root_check, challenge, refusals, warnings, steps, ... */
int signet_chip_plan(signet_client* client, signet_result** plan);
/*
 * IRREVERSIBLE: programs the key of chip `cid` (32 hexadecimal digits). `proof`: HMAC-SHA256(root secret,
 * "signet root backup proof v1" || challenge of the last plan), or NULL together with SIGNET_PROVISION_NO_BACKUP.
 */
int signet_chip_provision(signet_client* client, const char* cid, const uint8_t* proof, size_t proof_size,
                          unsigned flags);
/* A new, empty store; the old one is unreadable for good. `region`: octets to use, 0 for the daemon's default. */
int signet_chip_format(signet_client* client, const char* cid, uint32_t region);
int signet_chip_accept(signet_client* client, const char* cid);
int signet_chip_counter(signet_client* client, uint32_t* counter);

/* ---- Objects --------------------------------------------------------------------------------------------------- */

typedef struct signet_change {
  const char* name;
  const uint8_t* value; /* NULL: remove the object; for an empty value any other pointer */
  size_t size;
} signet_change;

int signet_store_get(signet_client* client, const char* name, uint8_t* buffer, size_t* size);
int signet_store_put(signet_client* client, const char* name, const uint8_t* value, size_t size);
int signet_store_delete(signet_client* client, const char* name);
/* All changes together, or none. */
int signet_store_apply(signet_client* client, const signet_change* changes, size_t count);
int signet_store_list(signet_client* client, const char* prefix, signet_result** result); /* rows: name, size */
int signet_store_usage(signet_client* client, signet_result** result); /* objects, bytes, keys, max_objects, ... */

/* ---- Keys ------------------------------------------------------------------------------------------------------ */

#define SIGNET_ECDSA_P256 "ecdsa-p256"
#define SIGNET_HMAC_SHA256 "hmac-sha256"

int signet_key_generate(signet_client* client, const char* name, const char* algorithm);
int signet_key_sign(signet_client* client, const char* name, const uint8_t* data, size_t data_size, uint8_t* signature,
                    size_t* size);
/* SIGNET_OK: valid. SIGNET_E_BAD_SIGNATURE: not. Anything else: it could not be told. */
int signet_key_verify(signet_client* client, const char* name, const uint8_t* data, size_t data_size,
                      const uint8_t* signature, size_t signature_size);
int signet_key_public(signet_client* client, const char* name, uint8_t* der, size_t* size); /* SubjectPublicKeyInfo */
int signet_key_delete(signet_client* client, const char* name);
int signet_key_list(signet_client* client, signet_result** result); /* rows: name, algorithm */

/* ---- Monotonic counters ---------------------------------------------------------------------------------------- */

int signet_counter_create(signet_client* client, const char* name, uint64_t* value);
int signet_counter_increment(signet_client* client, const char* name, uint64_t* value);
int signet_counter_read(signet_client* client, const char* name, uint64_t* value);
int signet_counter_delete(signet_client* client, const char* name);
int signet_counter_list(signet_client* client, signet_result** result); /* rows: name, value */

/* ---- Evidence: proof that this very chip answered --------------------------------------------------------------- */

/* `data`: the verifier's fresh octets, 1 to 1024. `frames`: SIGNET_EVIDENCE_SIZE octets. */
int signet_evidence_get(signet_client* client, const uint8_t* data, size_t data_size, uint8_t* frames, size_t* size);
/*
 * SIGNET_OK: genuine. SIGNET_E_BAD_SIGNATURE: not; the reason is the field verdict. In both cases *result is set (if
 * `result` is not NULL), one row: verdict, and when genuine write_counter, store_id, ueid.
 */
int signet_evidence_verify(signet_client* client, const uint8_t* data, size_t data_size, const uint8_t* frames,
                           size_t frames_size, signet_result** result);

/* ---- Registration and tickets ------------------------------------------------------------------------------------ */

/*
 * Registers this device with the registrar of rpmbd's configuration, step by step: rpmbd makes a request, the registrar
 * reserves and challenges, rpmbd proves, the registrar certifies, rpmbd commits. The library carries the messages and
 * can change none. Whatever failed: the same call again goes on where it was. The same ids on a registered device: its
 * certificate is renewed. `sn_ticket`: a credential of the vendor's server, good for one registration within 5 minutes;
 * never keep it. Right: registration.
 * SIGNET_E_WRONG_THREAD: this waits for the network, but an event loop waits for this client (signet_poll_fd() was
 * called); use signet_start_register(). Errors on the way to the registrar: SIGNET_E_NET_DNS, _NET_CONNECT, _NET_TLS,
 * _NET_HTTP, _TIMEOUT, _CLOCK_SKEW; what the registrar refuses with has its own code. The text names the step.
 */
int signet_register(signet_client* client, const char* model_id, const char* sn, const char* app_id,
                    const char* sn_ticket);
/* Gives up a registration that is under way, so that other ids can be registered; right: admin. */
int signet_registration_cancel(signet_client* client);
/*
 * Forgets the device's identity, for good: other ids can be registered then, and tickets are SIGNET_E_NOT_REGISTERED.
 * `release`: what the registrar's operator got ("signetctl registrar release"), a JWS; right: admin.
 * SIGNET_E_REGISTRAR_UNTRUSTED, SIGNET_E_TICKET_INVALID (for another device or generation), SIGNET_E_CLOCK_SKEW.
 */
int signet_device_release(signet_client* client, const char* release);

/*
 * One row: state ("none", "reserved", "confirmed") and, when known, model_id, sn, app_id, ueid (base64url), generation,
 * registrar (URL), certificate (DER), not_after (seconds since 1970), escrow.
 */
int signet_device_info(signet_client* client, signet_result** result);

#define SIGNET_TICKET_FRESH 1u /* not one of those that this client has kept: the verifier did not like the last */

/* SIGNET_TICKET_OPTIONS_INIT, then what is wanted. NULL or 0: as if it were not there. */
typedef struct signet_ticket_options {
  size_t size;       /* sizeof(signet_ticket_options), so that later fields can be told from garbage */
  const char* nonce; /* the verifier's, base64url of 16 to 64 octets: the ticket serves once; NULL: a bearer ticket */
  const char* ext;   /* JSON object, at most 1 KiB, that goes into the ticket under "ext" */
  const char* client_key; /* one of the caller's own keys: the ticket is for its holder ("cnf") */
  const char* model_id;   /* compared with that of the device: SIGNET_E_IDENTITY_MISMATCH */
  uint32_t lifetime_s;    /* at most 3600 */
  unsigned flags;         /* SIGNET_TICKET_FRESH */
} signet_ticket_options;
#define SIGNET_TICKET_OPTIONS_INIT \
  { sizeof(signet_ticket_options), NULL, NULL, NULL, NULL, 0u, 0u }

/*
 * Proof of this device's identity for `audience`, an URL or name of at most 256 octets; `options` may be NULL. One row:
 * ticket (text), expires (seconds since 1970). A bearer ticket is kept in the client's memory and comes again for the
 * same audience and options until 5 minutes before it expires; it is a credential: whoever has it is taken for this
 * device. Speaks to rpmbd alone. Errors: SIGNET_E_NOT_REGISTERED, _CERTIFICATE_INVALID, _IDENTITY_MISMATCH,
 * _ACCESS_DENIED (the policy does not give this caller the right tickets).
 */
int signet_ticket_get(signet_client* client, const char* audience, const signet_ticket_options* options,
                      signet_result** result);
/*
 * Starts to fetch a bearer ticket, so that a later signet_ticket_get() has it at once; does not wait. SIGNET_OK: there
 * is one, or one is on its way. That it could not be fetched shows with signet_ticket_get().
 */
int signet_ticket_prefetch(signet_client* client, const char* audience, const signet_ticket_options* options);

/* One list of revoked certificates, DER. */
typedef struct signet_crl {
  const uint8_t* der;
  size_t size;
} signet_crl;

/* What a verifier believes: SIGNET_TICKET_TRUST_INIT, then what there is. */
typedef struct signet_ticket_trust {
  size_t size;            /* sizeof(signet_ticket_trust) */
  const char* ca_pem;     /* CA certificates of the registrar: of GET /v1/ca those of the kinds of chip that count */
  const signet_crl* crls; /* GET /v1/crl/...: with any, a current one of the certificate's CA must be among them */
  size_t crl_count;       /* 0: revocation is not checked */
} signet_ticket_trust;
#define SIGNET_TICKET_TRUST_INIT \
  { sizeof(signet_ticket_trust), NULL, NULL, 0u }

/*
 * The other side: checks the signature factor of a device's ticket (docs/registration.md, Tickets), for a server or app
 * that has the registrar's CA. Needs no client, no daemon and no network; may be called from any thread. Whether the
 * chip itself answered, and whether the ticket was seen before, only the registrar knows (POST /v1/tickets/verify).
 * `audience`: who the caller is. `nonce`: the one that he gave the device, each to be asked for once; NULL: a bearer
 * ticket is expected. SIGNET_OK: one row with use ("challenge", "bearer"), ueid (base64url), model_id, app_id,
 * generation, transport, key_protection, audience, nonce, issued_at and expires_at (seconds since 1970), and if the
 * ticket has them sn, cnf_jkt and ext. SIGNET_E_TICKET_INVALID, SIGNET_E_INVALID_ARGUMENT: one row with reason, which
 * names the claim or argument and the rule. `result` may be NULL.
 */
int signet_ticket_verify(const char* ticket, const char* audience, const char* nonce, const signet_ticket_trust* trust,
                         signet_result** result);

/*
 * For programs that come from the device certification of a mini program platform, which rests on RPMB and an sn
 * ticket, too: the calls of its wx device SDKs (registerDevice, registerMiniProgramDevice) end with a code from 0 to
 * -11, and such a program decides by it what to do next. signet_wx_code() says any status of this library in these
 * codes, so that the program's branches, logs and support pages stay. They are coarser than the statuses, and nothing
 * else here uses them: a program without that past asks for signet_error_name() and signet_error_category().
 */
#define SIGNET_WX_OK 0
#define SIGNET_WX_ARGUMENT (-1)     /* an argument, or the sn ticket, is not valid */
#define SIGNET_WX_IO (-2)           /* reading or writing failed, elsewhere than at the chip */
#define SIGNET_WX_KEY_MISMATCH (-3) /* the chip has another key than it should */
#define SIGNET_WX_NETWORK (-4)      /* no answer, or none to be trusted, from the registrar */
#define SIGNET_WX_PERMISSION (-5)   /* not allowed */
#define SIGNET_WX_KEY_UNUSABLE (-6) /* the device's own key or certificate is of no use: register again */
#define SIGNET_WX_NO_SERVICE (-7)   /* rpmbd does not run, or is of another generation */
#define SIGNET_WX_OTHER_IDS (-8)    /* the device is registered under other ids */
#define SIGNET_WX_CHIP_IO (-9)      /* the chip cannot be read or written, or holds what it should not */
#define SIGNET_WX_NO_KEY (-10)      /* not provisioned, or not registered */
#define SIGNET_WX_OTHER (-11)       /* anything else: see signet_error_text() */
int signet_wx_code(int status);     /* a status that is unknown, too, has one: SIGNET_WX_OTHER */

/* ---- Results --------------------------------------------------------------------------------------------------- */

typedef enum signet_type {
  SIGNET_TYPE_NONE = 0, /* there is no such field */
  SIGNET_TYPE_BOOL = 1,
  SIGNET_TYPE_UINT = 2,
  SIGNET_TYPE_DOUBLE = 3,
  SIGNET_TYPE_STRING = 4,
  SIGNET_TYPE_BYTES = 5,
  SIGNET_TYPE_STRINGS = 6
} signet_type;

/* Pointers into a result are valid until it is freed. Fields that a caller does not know are to be ignored. */
void signet_result_free(signet_result* result); /* NULL is fine; never for a result of signet_call_result() */
size_t signet_result_rows(const signet_result* result);
/* The name of field `index` of a row; NULL past the last. */
const char* signet_result_field(const signet_result* result, size_t row, size_t index);
signet_type signet_result_type(const signet_result* result, size_t row, const char* field);

/* SIGNET_E_NOT_FOUND: no such row or field, or it has another type; *value is left alone. */
int signet_result_bool(const signet_result* result, size_t row, const char* field, int* value);
int signet_result_uint(const signet_result* result, size_t row, const char* field, uint64_t* value);
int signet_result_double(const signet_result* result, size_t row, const char* field, double* value);
/* NULL: as above. */
const char* signet_result_string(const signet_result* result, size_t row, const char* field);
const uint8_t* signet_result_bytes(const signet_result* result, size_t row, const char* field, size_t* size);
/* String `index` of a list of strings; NULL past the last. */
const char* signet_result_item(const signet_result* result, size_t row, const char* field, size_t index);

/* ---- Calls: every operation without waiting for it --------------------------------------------------------------- */

/*
 * signet_start_X() sends the request and returns at once, NULL only when memory ran out. Whatever else is wrong shows
 * in the call's status, so a call need not be checked when it starts. Free every call with signet_call_free(). Results:
 * the functions that fill a buffer above leave one field here: store_get value; key_sign signature; key_verify valid;
 * key_public der; evidence_get frames; chip_counter counter; counter_* value; register generation (0: the registrar did
 * not say). The others are as above.
 */
signet_call* signet_start_status(signet_client* client);
signet_call* signet_start_whoami(signet_client* client);
signet_call* signet_start_metrics(signet_client* client);
signet_call* signet_start_refresh(signet_client* client);
signet_call* signet_start_chip_plan(signet_client* client);
signet_call* signet_start_chip_provision(signet_client* client, const char* cid, const uint8_t* proof,
                                         size_t proof_size, unsigned flags);
signet_call* signet_start_chip_format(signet_client* client, const char* cid, uint32_t region);
signet_call* signet_start_chip_accept(signet_client* client, const char* cid);
signet_call* signet_start_chip_counter(signet_client* client);
signet_call* signet_start_store_get(signet_client* client, const char* name);
signet_call* signet_start_store_put(signet_client* client, const char* name, const uint8_t* value, size_t size);
signet_call* signet_start_store_delete(signet_client* client, const char* name);
signet_call* signet_start_store_apply(signet_client* client, const signet_change* changes, size_t count);
signet_call* signet_start_store_list(signet_client* client, const char* prefix);
signet_call* signet_start_store_usage(signet_client* client);
signet_call* signet_start_key_generate(signet_client* client, const char* name, const char* algorithm);
signet_call* signet_start_key_sign(signet_client* client, const char* name, const uint8_t* data, size_t size);
signet_call* signet_start_key_verify(signet_client* client, const char* name, const uint8_t* data, size_t size,
                                     const uint8_t* signature, size_t signature_size);
signet_call* signet_start_key_public(signet_client* client, const char* name);
signet_call* signet_start_key_delete(signet_client* client, const char* name);
signet_call* signet_start_key_list(signet_client* client);
signet_call* signet_start_counter_create(signet_client* client, const char* name);
signet_call* signet_start_counter_increment(signet_client* client, const char* name);
signet_call* signet_start_counter_read(signet_client* client, const char* name);
signet_call* signet_start_counter_delete(signet_client* client, const char* name);
signet_call* signet_start_counter_list(signet_client* client);
signet_call* signet_start_evidence_get(signet_client* client, const uint8_t* data, size_t size);
signet_call* signet_start_evidence_verify(signet_client* client, const uint8_t* data, size_t size,
                                          const uint8_t* frames, size_t frames_size);
signet_call* signet_start_register(signet_client* client, const char* model_id, const char* sn, const char* app_id,
                                   const char* sn_ticket);
signet_call* signet_start_registration_cancel(signet_client* client);
signet_call* signet_start_device_release(signet_client* client, const char* release);
signet_call* signet_start_device_info(signet_client* client);
signet_call* signet_start_ticket_get(signet_client* client, const char* audience, const signet_ticket_options* options);

#define SIGNET_PENDING (-1) /* status of a call that has not ended yet */

typedef void (*signet_done_fn)(signet_call* call, void* userdata);

/* `done` is called once, from signet_process() and nowhere else, after the call has ended; it may free the call. */
void signet_call_on_done(signet_call* call, signet_done_fn done, void* userdata);

/* Waits for at most timeout_ms (-1: until it ends, at most the client's timeout). Returns the status, SIGNET_PENDING
 * too. */
int signet_call_wait(signet_call* call, int timeout_ms);
int signet_call_status(const signet_call* call);
const char* signet_call_error_text(const signet_call* call); /* "" unless it failed; until it is freed */
/* What a registration is at: "begin", "reserve", "prove", "confirm", "complete", "check"; "" for any other call, and
 * when it has ended. */
const char* signet_call_stage(const signet_call* call);
const signet_result* signet_call_result(const signet_call* call); /* NULL unless it has one; until it is freed */
void signet_call_cancel(signet_call* call);                       /* ends it with SIGNET_E_CANCELLED, if pending */
void signet_call_free(signet_call* call);                         /* cancels, too; `done` is not called any more */

/* ---- The caller's own event loop ----------------------------------------------------------------------------------
 */

/*
 * Before each wait: poll signet_poll_fd() for signet_poll_events(), for at most signet_poll_timeout() ms (-1: for
 * ever). Afterwards, whatever woke the loop: signet_process(). Ask for all three anew each time: what is waited for
 * changes with every message. There is one descriptor for everything, and it stays the same; poll(2) ignores the -1 of
 * a client without connection.
 */
int signet_poll_fd(const signet_client* client);
int signet_poll_events(const signet_client* client);
int signet_poll_timeout(const signet_client* client);

/* Takes in what has arrived and calls the callbacks that are due. Never blocks. SIGNET_E_NO_SERVICE: the bus is gone.
 */
int signet_process(signet_client* client);

/* status: SIGNET_OK and the whole of signet_status(), or why the state is not known (`state` is then NULL). */
typedef void (*signet_state_fn)(signet_client* client, int status, const signet_result* state, void* userdata);

/*
 * Calls `changed`, from signet_process() and nowhere else: once soon, and then after every change of the daemon's
 * state, several changes together where they come fast. It never starts a daemon that is down. NULL ends it.
 */
int signet_watch_state(signet_client* client, signet_state_fn changed, void* userdata);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
