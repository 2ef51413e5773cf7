// The registrar: who may register which chip under which ids, and what a ticket of it is worth (docs/registration.md,
// "Registration" and "Factors and reasons"). Knows neither HTTP nor a database.
//
// Parsing and signatures are done on the thread that asks, and so is reading; what changes the store is one unit of
// work of the store's thread. Every answer comes through a Done (done.h), whose state of the store is durable by then.
// What a unit decides on, it looks at itself: between the reading and the writing the world may have changed.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "activation/actor.h"
#include "activation/credentials.h"
#include "activation/done.h"
#include "activation/keys.h"
#include "activation/policy.h"
#include "activation/records.h"
#include "activation/repository.h"
#include "base/clock.h"
#include "crypto/random.h"
#include "identity/ticket.h"

namespace signet::activation {

namespace operations {
struct Context;
}

struct RegistrarConfig {
  std::string base_url;  // `aud` of requests and of proofs, octet for octet
  std::string organization = "Signet";
  std::chrono::seconds sn_ticket_life{300};
  std::chrono::seconds reservation_life{7 * 86400};
  std::chrono::seconds nonce_life{300};
  std::chrono::seconds certificate_life{10 * 365 * 86400L};
  std::chrono::seconds revocation_list_life{86400};
  PolicyConfig policy;
};

inline constexpr std::size_t kMaxRequest = 64 * 1024;  // octets of a registration request
inline constexpr std::size_t kMaxSerials = 1000;       // of one request for sn tickets
inline constexpr std::size_t kMaxPage = 1000;          // entries of one answer
inline constexpr std::size_t kMaxReason = 256;         // octets of an operator's reason

struct SnTicket {
  std::string sn;
  std::string ticket;
  UnixTime expires_at;
};

struct Reservation {
  std::string id;         // 22 characters
  std::string challenge;  // JWS
  UnixTime expires_at;
  bool repeated = false;  // it was there already: 200 instead of 201
};

struct Confirmation {
  std::string id;
  std::vector<Bytes> chain;  // DER
  std::uint32_t generation = 0;
};

struct Nonce {
  std::string nonce;  // 43 characters
  UnixTime expires_at;
};

// With which a device forgets its identity.
struct Release {
  std::string release;  // JWS
  UnixTime expires_at;
};

// What became of a ticket.
struct Verdict {
  bool accepted = false;
  identity::Factor signature;
  identity::Factor rpmb;
  identity::Factor policy;
  // Of whom the ticket is: nothing unless the signature is ok.
  struct Subject {
    std::string ueid;
    std::string model_id;
    std::optional<std::string> sn;  // only when the ticket names it
    std::string app_id;
    std::uint32_t generation = 0;
    std::string transport;
    std::string key_protection;
    std::optional<std::uint32_t> write_counter;  // when the RPMB factor is ok
    identity::TicketUse use = identity::TicketUse::bearer;
    UnixTime issued_at;
    UnixTime expires_at;
    std::optional<std::string> confirmation;  // cnf.jkt
    std::string ext;                          // JSON text; empty: none
  };
  std::optional<Subject> device;
};

struct DeviceHistory {
  Device device;
  std::vector<DeviceCertificate> certificates;  // by generation
  std::vector<CounterSighting> counters;        // ascending
  std::vector<AuditEntry> entries;              // the last 1000, ascending
};

struct Counts {
  RecordCounts records;
  Repository::Commits commits;
};

// Thread-safe, if `random` is. What it is given must outlive it and every Done that is still to come. Errors of every
// operation beside those that are named: those of the store (repository.h); access_denied where an actor is asked for.
class Registrar {
 public:
  Registrar(Repository& repository, const KeyRing& keys, RegistrarConfig config, const Clock& clock,
            crypto::Random& random);

  // For a vendor. All of `sns` (1 to kMaxSerials, none twice) or none. Errors: invalid_argument, names the serial
  // number by its place.
  void issue_sn_tickets(const Actor& actor, const std::string& model_id, const std::vector<std::string>& sns,
                        Done<std::vector<SnTicket>> done);

  // `request`: the JWS of docs/registration.md. The same id, ids and key get the same answer. Errors:
  // invalid_argument (names the member and the rule), bad_signature, sn_ticket_invalid, already_exists (the
  // registration id is another's), key_conflict (the chip is known with another key), blocked and identity_mismatch
  // (see reason_of()).
  void reserve(std::string request, Done<Reservation> done);

  // `id`: 22 characters. The first good proof has the certificate made; every repeat gets the stored one. Errors:
  // invalid_argument (the id), not_found (unknown, expired, cancelled or replaced by a newer one: begin anew),
  // ticket_invalid (names the part), clock_skew (made before the challenge was, or in the future), blocked and
  // identity_mismatch (see reason_of()).
  void confirm(const std::string& id, std::string ticket, Done<Confirmation> done);

  // For an operator. A reservation that was cancelled can be made anew with another sn ticket. Errors: not_found,
  // already_exists (it is confirmed).
  void cancel(const Actor& actor, const std::string& id, Done<void> done);

  // For a verifier. `audience`: 1 to identity::kMaxAudience octets of printable ASCII. Errors: invalid_argument.
  void issue_nonce(const Actor& actor, std::string audience, Done<Nonce> done);

  // For a verifier. Whatever the ticket, there is a verdict; an error means that there is none yet. Errors:
  // invalid_argument (the audience).
  void verify(const Actor& actor, std::string ticket, std::string audience, Done<Verdict> done);

  // For an operator. Errors: invalid_argument (a field of the filter), not_found, already_exists (it is blocked, or it
  // is not). `reason`: 1 to kMaxReason octets of UTF-8. Unblocking forgets the counters that were seen.
  void devices(const Actor& actor, DeviceFilter filter, Done<std::vector<Device>> done);
  void device(const Actor& actor, const std::string& ueid, Done<DeviceHistory> done);
  void block(const Actor& actor, const std::string& ueid, std::string reason, Done<Device> done);
  void unblock(const Actor& actor, const std::string& ueid, Done<Device> done);
  // Lets the device go: its certificates are revoked, and chip and serial number may be registered otherwise.
  void release(const Actor& actor, const std::string& ueid, Done<Release> done);
  // Entries with a number above `after`. `limit`: 1 to kMaxPage. An operator with models sees those of his models.
  void audit(const Actor& actor, std::uint64_t after, std::size_t limit, Done<std::vector<AuditEntry>> done);

  // For anybody. `ca_generation` 0: the one that issues now.
  [[nodiscard]] std::string ca_pem() const { return keys_.ca_pem(); }
  void crl(ChipKind kind, std::uint32_t ca_generation, Done<Bytes> done);  // DER; not_found: no such generation
  void counts(Done<Counts> done);
  void check(Done<void> done);  // the store takes and keeps a write

  // Synchronous; see credentials.h.
  [[nodiscard]] Credentials& credentials() { return credentials_; }

 private:
  [[nodiscard]] UnixTime now() const;
  [[nodiscard]] operations::Context context() const;
  Result<Bytes> make_list(ChipKind kind, std::uint32_t ca_generation);

  Repository& repository_;
  const KeyRing& keys_;
  const RegistrarConfig config_;
  const Clock& clock_;
  crypto::Random& random_;
  Credentials credentials_;

  struct CachedList {
    std::uint64_t revision = 0;
    UnixTime made_at;
    UnixTime until;
    Bytes der;
  };
  std::mutex lists_mutex_;
  std::map<std::pair<ChipKind, std::uint32_t>, CachedList> lists_;
};

}  // namespace signet::activation
