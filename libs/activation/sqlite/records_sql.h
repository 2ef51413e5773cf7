// The records of one connection: a view, or a transaction when the connection may write. For one unit of work: what it
// remembers of the chips is true until something is undone.
#pragma once

#include <optional>
#include <utility>

#include "activation/repository.h"
#include "activation/sqlite/statement.h"

namespace signet::activation::sqlite {

class Records final : public Transaction {
 public:
  explicit Records(Connection& connection) : connection_{connection} {}

  Result<std::optional<Device>> device(const Ueid& ueid) override;
  Result<std::vector<Device>> devices(const DeviceFilter& filter) override;
  Result<std::vector<Device>> devices_with_cid(const crypto::Digest& cid_hash) override;
  Result<std::optional<Bytes>> sealed_key(const Ueid& ueid) override;
  Result<std::vector<CounterSighting>> sightings(const Ueid& ueid) override;
  Result<std::optional<Registration>> registration(const identity::RegistrationId& id) override;
  Result<std::vector<Registration>> reservations(const Ueid& ueid, const identity::Ids& ids, UnixTime time) override;
  Result<std::optional<DeviceCertificate>> certificate(const Ueid& ueid, BytesView serial) override;
  Result<std::vector<DeviceCertificate>> certificates(const Ueid& ueid) override;
  Result<std::vector<crypto::Revocation>> revoked(ChipKind kind, std::uint32_t ca_generation,
                                                  UnixTime not_expired_at) override;
  Result<std::optional<SnTicketRecord>> sn_ticket(const crypto::Digest& hash) override;
  Result<std::optional<NonceRecord>> nonce(const std::string& nonce) override;
  Result<std::vector<KeyRecord>> keys() override;
  Result<std::vector<CredentialRecord>> credentials() override;
  Result<std::vector<AuditEntry>> audit(std::uint64_t after, std::size_t limit) override;
  Result<std::vector<AuditEntry>> audit_of(const Ueid& ueid, std::size_t limit) override;
  Result<std::uint64_t> counter(std::string_view name) override;
  Result<RecordCounts> counts(UnixTime time) override;

  Result<void> put(const Device& device, BytesView sealed_key) override;
  Result<void> add_sighting(const Ueid& ueid, const CounterSighting& sighting) override;
  Result<void> forget_sightings(const Ueid& ueid) override;
  Result<void> put(const Registration& registration) override;
  Result<void> put(const DeviceCertificate& certificate) override;
  Result<void> put(const SnTicketRecord& ticket) override;
  Result<void> put(const NonceRecord& nonce) override;
  Result<void> put(const KeyRecord& key) override;
  Result<void> put(const CredentialRecord& credential) override;
  Result<bool> remove_credential(const std::string& name) override;
  Result<void> add(const AuditEntry& entry) override;
  Result<std::uint64_t> advance(std::string_view counter) override;
  Result<void> forget_expired(UnixTime time, std::size_t limit) override;

 private:
  // The number of a chip; a new one when there is none.
  Result<std::int64_t> chip(const Ueid& ueid);

  Connection& connection_;
  std::optional<std::pair<Ueid, std::int64_t>> last_chip_;  // a unit is mostly about one
};

}  // namespace signet::activation::sqlite
