// Where the registrar keeps its records. Work runs in units that take effect as a whole or not at all; how they are
// committed is the store's business: SQLite takes many into one commit, a distributed database repeats those that met
// a conflict.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "activation/done.h"
#include "activation/records.h"
#include "base/result.h"

namespace signet::activation {

// How much of everything there is.
struct RecordCounts {
  std::uint64_t devices = 0;
  std::uint64_t devices_blocked = 0;
  std::uint64_t reservations = 0;  // waiting for their confirmation
  std::uint64_t certificates_valid = 0;
  std::uint64_t certificates_revoked = 0;
  std::uint64_t sn_tickets = 0;  // kept, spent ones included
  std::uint64_t nonces = 0;      // the same
  std::uint64_t audit_entries = 0;
};

// A consistent state of the store. Errors of every call: busy, io, damaged.
class View {
 public:
  virtual ~View() = default;

  virtual Result<std::optional<Device>> device(const Ueid& ueid) = 0;
  virtual Result<std::vector<Device>> devices(const DeviceFilter& filter) = 0;  // by ueid
  // Ten at most, of those whose chip is no emulator and that were not released.
  virtual Result<std::vector<Device>> devices_with_cid(const crypto::Digest& cid_hash) = 0;
  virtual Result<std::optional<Bytes>> sealed_key(const Ueid& ueid) = 0;
  virtual Result<std::vector<CounterSighting>> sightings(const Ueid& ueid) = 0;  // ascending

  virtual Result<std::optional<Registration>> registration(const identity::RegistrationId& id) = 0;
  // Reservations, live at `time`, of this chip or for this model and serial number.
  virtual Result<std::vector<Registration>> reservations(const Ueid& ueid, const identity::Ids& ids, UnixTime time) = 0;

  // The one with that serial number among those of the device.
  virtual Result<std::optional<DeviceCertificate>> certificate(const Ueid& ueid, BytesView serial) = 0;
  virtual Result<std::vector<DeviceCertificate>> certificates(const Ueid& ueid) = 0;  // by generation
  virtual Result<std::vector<crypto::Revocation>> revoked(ChipKind kind, std::uint32_t ca_generation,
                                                          UnixTime not_expired_at) = 0;

  virtual Result<std::optional<SnTicketRecord>> sn_ticket(const crypto::Digest& hash) = 0;
  virtual Result<std::optional<NonceRecord>> nonce(const std::string& nonce) = 0;

  virtual Result<std::vector<KeyRecord>> keys() = 0;
  virtual Result<std::vector<CredentialRecord>> credentials() = 0;

  virtual Result<std::vector<AuditEntry>> audit(std::uint64_t after, std::size_t limit) = 0;  // ascending
  virtual Result<std::vector<AuditEntry>> audit_of(const Ueid& ueid,
                                                   std::size_t limit) = 0;  // the last ones, ascending
  virtual Result<std::uint64_t> counter(std::string_view name) = 0;         // 0 when never advanced
  virtual Result<RecordCounts> counts(UnixTime time) = 0;
};

// A view that can be changed. A put() replaces the record of the same key. Errors as above, and no_space, read_only.
class Transaction : public View {
 public:
  virtual Result<void> put(const Device& device, BytesView sealed_key) = 0;  // without a key, it keeps the one it has
  Result<void> put(const Device& device) { return put(device, {}); }
  virtual Result<void> add_sighting(const Ueid& ueid, const CounterSighting& sighting) = 0;
  virtual Result<void> forget_sightings(const Ueid& ueid) = 0;
  virtual Result<void> put(const Registration& registration) = 0;  // its certificate is put by itself
  virtual Result<void> put(const DeviceCertificate& certificate) = 0;
  virtual Result<void> put(const SnTicketRecord& ticket) = 0;
  virtual Result<void> put(const NonceRecord& nonce) = 0;
  virtual Result<void> put(const KeyRecord& key) = 0;
  virtual Result<void> put(const CredentialRecord& credential) = 0;
  virtual Result<bool> remove_credential(const std::string& name) = 0;
  virtual Result<void> add(const AuditEntry& entry) = 0;                // its number is ignored
  virtual Result<std::uint64_t> advance(std::string_view counter) = 0;  // the new value, from 1
  // Removes sn tickets and nonces that expired before `time`, and what reservations that did had escrowed; at most
  // `limit` of each.
  virtual Result<void> forget_expired(UnixTime time, std::size_t limit) = 0;
};

// Thread-safe.
class Repository {
 public:
  // May be run more than once, and each time must come to its answer anew.
  using Reading = std::function<Result<void>(View&)>;
  using Writing = std::function<Result<void>(Transaction&)>;

  virtual ~Repository() = default;

  // Runs `work` on the thread that asks. Errors: those of `work`; busy, io, damaged.
  virtual Result<void> read(const Reading& work) = 0;

  // Runs `work` on the store's thread and calls `done` there once it is durable. When `work` fails, what it changed is
  // undone and `done` gets its error; when the commit fails, every unit in it gets that error and nothing is changed.
  // Errors: busy, no_space, io, damaged, read_only.
  virtual void write(Writing work, Done<void> done) = 0;

  // Units that were committed, and in how many commits.
  struct Commits {
    std::uint64_t units = 0;
    std::uint64_t commits = 0;
    std::uint64_t failed = 0;  // commits that came to nothing
    std::size_t waiting = 0;   // units, now
  };
  [[nodiscard]] virtual Commits commits() const = 0;
};

// The same, waiting for it. Not on the store's thread.
Result<void> write_and_wait(Repository& repository, Repository::Writing work);

}  // namespace signet::activation
