/*
 * libsignet-fmdn: beacons of the Find My Device Network, as their owner and as who sees them, as a C library. What
 * `signetctl fmdn` does, programs do with this; both have one keyring (docs/keyring.md) and one implementation.
 *
 * It is a library of its own, beside libsignet: it brings a D-Bus client of bluetoothd and a thread, and programs that
 * ask rpmbd for an object or a ticket shall neither load nor start that. Results are those of libsignet.
 *
 * Conventions: those of <signet/signet.h> for status, buffers, growth and memory; and
 *   Keys.       Pointers to octets of a fixed size. Copies are wiped before a function returns or when the operation
 *               that needs them ends. No error text and no result holds a key.
 *   Clocks.     Seconds of the beacon's own clock, 32 bits; an identifier belongs to a clock without its low 10 bits.
 *               Our own time is seconds since 1970.
 *   Threads.    The functions signet_fmdn_* are pure and may be called from any thread. A signet_owner and its calls
 *               belong to one thread at a time; an operation over the air runs in a thread of the library, which
 *               blocks all signals and calls nothing of the program's. Neither survives fork().
 *   Texts.      Where a command of signetctl(1) helps, a text names it.
 *
 * "FMDN" below is the Find My Device Network accessory specification, "DULT" Detecting Unwanted Location Trackers.
 */
#ifndef SIGNET_FMDN_H
#define SIGNET_FMDN_H

#include <signet/signet.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define SIGNET_FMDN_EIK_SIZE 32u          /* octets of an ephemeral identity key */
#define SIGNET_FMDN_RECOVERY_KEY_SIZE 8u  /* octets of a recovery key */
#define SIGNET_FMDN_MODEL_ID_SIZE 3u      /* octets of a Fast Pair model id, most significant first */
#define SIGNET_FMDN_MODEL_KEY_SIZE 64u    /* octets of a public anti-spoofing key: x, y of P-256, big-endian */
#define SIGNET_FMDN_EID_MAX 32u           /* octets of the largest identifier */
#define SIGNET_FMDN_FRAME_MAX 41u         /* octets of the largest advertising payload */
#define SIGNET_FMDN_URX_SIZE 10u          /* octets of an identifier that was cut */
#define SIGNET_FMDN_PERIOD 1024u          /* seconds that an identifier lasts */
#define SIGNET_FMDN_WINDOW_MAX 100000000u /* seconds that may be searched either way */
#define SIGNET_FMDN_MESSAGE_MAX 65536u    /* octets that are sealed at once */

#define SIGNET_FMDN_SECP160R1 0 /* curves: identifiers of 20 octets */
#define SIGNET_FMDN_SECP256R1 1 /* of 32 octets */

/* ---- Computing: no handle, no file, no radio, no waiting -------------------------------------------------------- */

/*
 * The identifier of key `eik` (SIGNET_FMDN_EIK_SIZE octets) at `clock` (FMDN, "EID computation"): 20 or 32 octets, the
 * x coordinate, big-endian. SIGNET_E_INVALID_ARGUMENT: a NULL pointer or an unknown curve; SIGNET_E_TOO_LARGE: the
 * buffer is too small; SIGNET_E_NOT_FOUND, with a probability of 2^-160: there is none in this period.
 */
int signet_fmdn_eid(const uint8_t* eik, int curve, uint32_t clock, uint8_t* eid, size_t* size);

#define SIGNET_FMDN_BATTERY_UNSUPPORTED 0u /* what a frame says of the battery */
#define SIGNET_FMDN_BATTERY_NORMAL 1u
#define SIGNET_FMDN_BATTERY_LOW 2u
#define SIGNET_FMDN_BATTERY_CRITICAL 3u

#define SIGNET_FMDN_UNWANTED_TRACKING 1u /* in unwanted-tracking protection mode */
#define SIGNET_FMDN_OMIT_FLAGS 2u        /* without the octet of hashed flags, when there is nothing to say in it */

/*
 * The advertising payload then (FMDN, "Advertised frames"), its flags structure first: 29 octets on secp160r1, 41 on
 * secp256r1, one less without flags. `flags`: of the two above. Errors: as signet_fmdn_eid().
 */
int signet_fmdn_frame(const uint8_t* eik, int curve, uint32_t clock, unsigned battery, unsigned flags, uint8_t* frame,
                      size_t* size);

/*
 * What an advert says: advertising data, service data of FMDN, Fast Pair or DULT behind their UUID (little-endian, as
 * on the air), or the bare service data of FMDN. A row for each service: uuid, service ("FMDN", "Fast Pair", "DULT",
 * "another service"), octets; and one of
 *   eid, curve ("secp160r1"), unwanted_tracking, hidden_flags
 *   pairing_mode, model_id
 *   pairing_mode, account_keys, show_ui, battery (octets: left, right, case; bit 7 charging, 0x7f unknown)
 *   network ("Google"), near_owner, payload
 *   problem: why it says nothing.
 * In the first row, flags: those of the advertising data. SIGNET_E_INVALID_ARGUMENT: it is none of these.
 */
int signet_fmdn_decode(const uint8_t* advert, size_t size, signet_result** result);

/* What the hidden flags of a frame say to who has the key. SIGNET_E_NOT_FOUND: they are of another key or clock. */
int signet_fmdn_flags(const uint8_t* eik, int curve, uint32_t clock, uint8_t hidden_flags, unsigned* battery,
                      int* unwanted_tracking);

/*
 * When key `eik` had this identifier: 20 or 32 octets, or their first SIGNET_FMDN_URX_SIZE. Looks within `window`
 * seconds of `estimate`, nearest first; each SIGNET_FMDN_PERIOD takes a multiplication on the curve. *clock: the first
 * second of the period. SIGNET_E_NOT_FOUND: never in the window; SIGNET_E_INVALID_ARGUMENT: another size, a window
 * larger than SIGNET_FMDN_WINDOW_MAX.
 */
int signet_fmdn_resolve(const uint8_t* eik, int curve, const uint8_t* eid, size_t eid_size, uint32_t estimate,
                        uint32_t window, uint32_t* clock);

/* A sealed message, but for its ciphertext, which has as many octets as the message (FMDN, "Location reports"). */
typedef struct signet_fmdn_report {
  uint8_t urx[10]; /* the first octets of the identifier that it was sealed for */
  uint8_t sx[32];  /* the sighter's point */
  size_t sx_size;  /* 20 or 32 */
  uint8_t tag[16];
} signet_fmdn_report;

#define SIGNET_FMDN_SPEC80 0     /* nonces as the specification has them */
#define SIGNET_FMDN_DEPLOYED64 1 /* as reports on the live network have them */

/*
 * Seals `message`, at most SIGNET_FMDN_MESSAGE_MAX octets, for the owner of identifier `eid`, 20 or 32 octets.
 * `ciphertext` has room for `size` octets and may be `message`. SIGNET_E_INVALID_ARGUMENT: the identifier is no x
 * coordinate of its curve, a NULL pointer, another size or profile; SIGNET_E_TOO_LARGE: the message.
 */
int signet_fmdn_seal(const uint8_t* eid, size_t eid_size, int profile, const uint8_t* message, size_t size,
                     signet_fmdn_report* report, uint8_t* ciphertext);

/*
 * Opens it, of either profile, with the key that had the identifier at `clock` (signet_fmdn_resolve() finds it).
 * `message` has room for `size` octets and may be `ciphertext`; it is written to only with SIGNET_OK.
 * SIGNET_E_BAD_SIGNATURE: made for another identifier, or changed. Other errors: as signet_fmdn_eid().
 */
int signet_fmdn_open(const uint8_t* eik, int curve, uint32_t clock, const signet_fmdn_report* report,
                     const uint8_t* ciphertext, size_t size, uint8_t* message);

/* ---- The owner: a keyring and a radio --------------------------------------------------------------------------- */

typedef struct signet_owner signet_owner;           /* a keyring that opens when it is needed, and an adapter */
typedef struct signet_owner_call signet_owner_call; /* one operation over the air */

/* SIGNET_OWNER_OPTIONS_INIT, then what is wanted. NULL or 0: as if it were not there. */
typedef struct signet_owner_options {
  size_t size;             /* sizeof(signet_owner_options) */
  const char* keyring;     /* the file; NULL: signet/keyring in the directory of user data, as signetctl's */
  const char* key_file;    /* locked by the 32 octets or 64 digits in this file, which nobody else may read */
  const char* pass_phrase; /* or by this, one line; at least 8 octets for a keyring that is made */
  const char* adapter;     /* "hci0"; NULL: the first that is on */
} signet_owner_options;
#define SIGNET_OWNER_OPTIONS_INIT \
  { sizeof(signet_owner_options), NULL, NULL, NULL, NULL }

/*
 * Reads nothing yet: that a secret is wrong, or bluetoothd is missing, shows with the first operation that needs it.
 * Without key file and pass phrase only what needs no keyring can be done. *owner is set even after an error, unless
 * memory ran out: ask it for signet_owner_error_text(), and close it. SIGNET_E_INVALID_ARGUMENT: both secrets, or a
 * size of the options that this library does not know; SIGNET_E_NOT_FOUND: no keyring is given and neither
 * XDG_DATA_HOME nor HOME says where the usual one is.
 */
int signet_owner_open(signet_owner** owner, const signet_owner_options* options);
/* Cancels the operation under way and waits for its step to end, see signet_owner_call_cancel(). Its calls still have
 * to be freed. NULL is fine. Not from a callback. */
void signet_owner_close(signet_owner* owner);
/* What each step over the air may take; 30 s at first; 1 to 86400000 ms. For the calls started from now on. */
int signet_owner_set_timeout(signet_owner* owner, int timeout_ms);
/* Of the last function on this handle that failed; "" when none has. Valid until the next function on this handle. */
const char* signet_owner_error_text(const signet_owner* owner);

/*
 * The functions of this block read or change the keyring on the caller's thread: a pass phrase costs a quarter of a
 * second the first time, and another process may hold the file for 10 s. All may end with what the keyring says:
 * SIGNET_E_ACCESS_DENIED (the wrong secret), _INVALID_ARGUMENT (no secret, or of the other kind), _CONFIG_INVALID
 * (others have access to a file), _DAMAGED, _UNSUPPORTED_FORMAT, _NO_SPACE, _IO; _BUSY: an operation over the air is
 * under way.
 */

/*
 * A row for each device: name, state ("known", "paired", "unconfirmed", "provisioned"), owner, curve, address ("" or
 * where it was last), and when known model_id, clock and clock_read_at (our time). No keys. "unconfirmed": its first
 * identity key was sent, and the answer is missing; signet_owner_start_provision() finds out.
 */
int signet_owner_devices(signet_owner* owner, signet_result** result);

#define SIGNET_OWNER_LOSE_KEY 1u /* of a beacon: it cannot be located, rung or unprovisioned from here any more */

/* Takes a device out of the keyring; the device itself is not changed. SIGNET_E_NOT_FOUND; SIGNET_E_ALREADY_EXISTS: it
 * has an identity key, which only SIGNET_OWNER_LOSE_KEY gives up. */
int signet_owner_forget(signet_owner* owner, const char* name, unsigned flags);

#define SIGNET_OWNER_NOW INT64_MIN

/*
 * Which of the devices had an identifier: 20 or 32 octets, their first 10, or an advert. `at`: about when it was seen,
 * or SIGNET_OWNER_NOW. One row: device, clock, eid, from, to (our time); of a frame with flags battery
 * ("unsupported", "normal", "low", "critical"), unwanted_tracking. SIGNET_E_NOT_FOUND: none within `window` seconds
 * either way. `result` may be NULL.
 */
int signet_owner_resolve(signet_owner* owner, const uint8_t* seen, size_t size, int64_t at, uint32_t window,
                         signet_result** result);
/* Opens a report for one of them: as signet_fmdn_open(), after a search as signet_owner_resolve() does, with its row.
 */
int signet_owner_open_report(signet_owner* owner, const signet_fmdn_report* report, const uint8_t* ciphertext,
                             size_t size, int64_t at, uint32_t window, uint8_t* message, signet_result** result);

/* ---- Operations over the air ------------------------------------------------------------------------------------ */

/*
 * signet_owner_start_X() starts one and returns at once, NULL only when memory ran out or `owner` is NULL. Whatever
 * else is wrong shows in the call's status. One at a time: a second one ends with SIGNET_E_BUSY. Free each call with
 * signet_owner_call_free(), or wait for it with signet_owner_finish().
 *
 * `name`: of the keyring. `address`: "00:AA:01:00:00:00"; NULL: the device is looked for, by what it advertises.
 * All may end with: SIGNET_E_NO_SERVICE (no bluetoothd, or the adapter is off), _NOT_FOUND (no adapter, no such device
 * in the keyring, or a key of it is missing there), _TIMEOUT (not seen, or no answer), _IO (the connection was lost),
 * _ACCESS_DENIED (refused: not authenticated, or no consent of the user), _INVALID_ARGUMENT (an argument, or the device
 * says so of a value), _BAD_SIGNATURE (an answer that this device cannot have given; nothing of it is used),
 * _CANCELLED, and what the keyring says.
 */

#define SIGNET_OWNER_NAME_MINE 1u /* name the devices of the keyring */

/*
 * Listens for `time_ms`. The rows of the result are those of signet_fmdn_decode(), each with address, seen (how often),
 * and if there are any rssi (dBm, a double), name (printable) and device. News: the rows of one device that is new, or
 * says something new.
 */
signet_owner_call* signet_owner_start_scan(signet_owner* owner, uint32_t time_ms, unsigned flags);

/* SIGNET_OWNER_PAIRING_INIT, then what is known. */
typedef struct signet_owner_pairing {
  size_t size;              /* sizeof(signet_owner_pairing) */
  const char* address;      /* NULL: the first that is seen */
  const uint8_t* model_id;  /* SIGNET_FMDN_MODEL_ID_SIZE octets; NULL: any model */
  const uint8_t* model_key; /* SIGNET_FMDN_MODEL_KEY_SIZE octets; NULL: that in models/ID.pem beside the keyring */
} signet_owner_pairing;
#define SIGNET_OWNER_PAIRING_INIT \
  { sizeof(signet_owner_pairing), NULL, NULL, NULL }

/*
 * Pairs with a device in pairing mode (Fast Pair) and keeps it as `name`. One row: name, address, model_id, owner.
 * SIGNET_E_ALREADY_EXISTS: the keyring has a beacon of that name, or a device of another model. When the answer is
 * lost, the same call again goes on with the key that the device has got. `pairing` may be NULL.
 */
signet_owner_call* signet_owner_start_pair(signet_owner* owner, const char* name, const signet_owner_pairing* pairing);

#define SIGNET_OWNER_REPLACE 1u /* a key that the device has already */

/*
 * Gives a paired device its identity key; it is a beacon from now on (FMDN, data ID 0x02). `eik`: NULL for a fresh one.
 * It is in the keyring before it is sent; when the answer is lost, the same call again finds out, and keeps the key
 * that the device has unless `eik` is another. One row: name, eid, curve, clock. SIGNET_E_ALREADY_EXISTS: it has a key
 * that the keyring has not, or SIGNET_OWNER_REPLACE is not given.
 */
signet_owner_call* signet_owner_start_provision(signet_owner* owner, const char* name, const char* address,
                                                const uint8_t* eik, unsigned flags);

/* What it can do, and its clock, which is kept (0x00). One row: calibrated_power (dBm at 0 m, a double), clock, curve,
 * ring_components ("right", "left", "case"), ring_volumes, and clock_offset (a double: seconds since the last time). */
signet_owner_call* signet_owner_start_params(signet_owner* owner, const char* name, const char* address);

/* One row: provisioned, owner, and if provisioned eid, and with our key ringing (components), ring_seconds_left. */
signet_owner_call* signet_owner_start_state(signet_owner* owner, const char* name, const char* address);

#define SIGNET_OWNER_RING_RIGHT 0x01u
#define SIGNET_OWNER_RING_LEFT 0x02u
#define SIGNET_OWNER_RING_CASE 0x04u
#define SIGNET_OWNER_RING_ALL 0xffu

/* SIGNET_OWNER_RINGING_INIT, then what is wanted. */
typedef struct signet_owner_ringing {
  size_t size;          /* sizeof(signet_owner_ringing) */
  uint32_t components;  /* of the above; 0: all */
  uint32_t deciseconds; /* at most 6000; 0: 30 s */
  uint32_t volume;      /* 1 low, 2 medium, 3 high; 0: the device's own choice */
  int wait;             /* not 0: until the ringing ends */
} signet_owner_ringing;
#define SIGNET_OWNER_RINGING_INIT \
  { sizeof(signet_owner_ringing), 0u, 0u, 0u, 0 }

/*
 * Has it ring (0x05). One row, of the last change: state ("started", "timed_out", "button", "requested"), ringing
 * (components), seconds_left. News: each change. SIGNET_E_IO: none of the components is within reach. `ringing` may be
 * NULL.
 */
signet_owner_call* signet_owner_start_ring(signet_owner* owner, const char* name, const char* address,
                                           const signet_owner_ringing* ringing);
signet_owner_call* signet_owner_start_stop(signet_owner* owner, const char* name, const char* address);

#define SIGNET_OWNER_ANYBODY_MAY_RING 1u /* while the mode is on */

/* Turns unwanted-tracking protection on or off (0x07, 0x08). */
signet_owner_call* signet_owner_start_protection(signet_owner* owner, const char* name, const char* address, int on,
                                                 unsigned flags);

/* Reads the identity key back into the keyring (0x04), with the user's consent at the device. `recovery_key`:
 * SIGNET_FMDN_RECOVERY_KEY_SIZE octets; NULL when the keyring has the key still. */
signet_owner_call* signet_owner_start_recover(signet_owner* owner, const char* name, const char* address,
                                              const uint8_t* recovery_key);
/* Takes the identity key away (0x03): it is no beacon any more, and a locator tag must be paired anew. */
signet_owner_call* signet_owner_start_unprovision(signet_owner* owner, const char* name, const char* address);

/*
 * What anybody may ask of another's device (DULT, "Get_Identifier" and accessory information). One row of texts:
 * identifier, and what it tells of product_data, manufacturer, model, category, capabilities, network, firmware,
 * battery_type, battery_level. SIGNET_E_ACCESS_DENIED: not now.
 */
signet_owner_call* signet_owner_start_identify(signet_owner* owner, const char* address);
/* Has it sound (DULT), and stays until that is over. `stop_after_ms`: stop it then; -1: never. One row: sound
 * ("completed", "stopped"). */
signet_owner_call* signet_owner_start_sound(signet_owner* owner, const char* address, int stop_after_ms);

typedef void (*signet_owner_done_fn)(signet_owner_call* call, void* userdata);
typedef void (*signet_owner_news_fn)(signet_owner_call* call, const signet_result* news, void* userdata);

/* `done` is called once, `news` for each, from signet_owner_process() and nowhere else; news before done. `done` may
 * free the call, `news` may not. News that nobody takes are dropped, oldest first, from 1024 on. */
void signet_owner_call_on_done(signet_owner_call* call, signet_owner_done_fn done, void* userdata);
void signet_owner_call_on_news(signet_owner_call* call, signet_owner_news_fn news, void* userdata);

/* Waits for at most timeout_ms (-1: until it ends). Returns the status, SIGNET_PENDING too. */
int signet_owner_call_wait(signet_owner_call* call, int timeout_ms);
int signet_owner_call_status(const signet_owner_call* call);
const char* signet_owner_call_error_text(const signet_owner_call* call); /* "" unless it failed; until it is freed */
const signet_result* signet_owner_call_result(const signet_owner_call* call); /* NULL unless it has one; as above */
/*
 * Asks it to end. It does so before its next step, with SIGNET_E_CANCELLED; a step that waits for bluetoothd ends
 * first, within the timeout. What was sent is not undone.
 */
void signet_owner_call_cancel(signet_owner_call* call);
void signet_owner_call_free(signet_owner_call* call); /* cancels, and waits for that; NULL is fine */

/* Waits for the call to end, hands its result out (`result` may be NULL) and frees it. Returns its status;
 * signet_owner_error_text() has its text. SIGNET_E_INTERNAL for NULL: what was started ran out of memory. */
int signet_owner_finish(signet_owner_call* call, signet_result** result);

/* For the caller's own event loop: when this descriptor, which stays the same, is readable (POLLIN), call
 * signet_owner_process(), which never blocks. There is no timeout to keep. */
int signet_owner_poll_fd(const signet_owner* owner);
int signet_owner_process(signet_owner* owner);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
