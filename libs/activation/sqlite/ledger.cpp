// Keys, credentials, the audit log and counters.
#include <sstream>

#include "activation/sqlite/reading.h"
#include "activation/sqlite/records_sql.h"

namespace signet::activation::sqlite {
namespace {

KeyRecord key_row(Query& row) {
  KeyRecord key;
  key.purpose = parse_key_purpose(row.text()).value_or(KeyPurpose::registrar);
  key.generation = static_cast<std::uint32_t>(row.integer());
  key.created_at = row.time();
  key.active_from = row.time();
  key.sealed_scalar = row.octets();
  key.public_key = row.octets();
  key.certificate = row.octets();
  return key;
}

CredentialRecord credential_row(Query& row) {
  CredentialRecord credential;
  credential.actor.name = row.text();
  credential.actor.role = parse_role(row.text()).value_or(Role::vendor);
  std::istringstream models{row.text()};
  for (std::string model; models >> model;) credential.actor.models.push_back(model);
  row.octets(credential.secret_hash);
  credential.created_at = row.time();
  return credential;
}

std::string joined(const std::vector<std::string>& models) {
  std::string text;
  for (const std::string& model : models) text += (text.empty() ? "" : " ") + model;
  return text;
}

#define AUDIT_COLUMNS "a.number AS number, a.at, a.actor, a.action, a.reason, c.ueid, a.model_id, a.sn, a.detail"

AuditEntry audit_row(Query& row) {
  AuditEntry entry;
  entry.number = static_cast<std::uint64_t>(row.integer());
  entry.at = row.time();
  entry.actor = row.text();
  entry.action = row.text();
  entry.reason = row.text();
  const Bytes ueid = row.octets();
  if (ueid.size() == Ueid{}.size()) std::copy(ueid.begin(), ueid.end(), entry.ueid.emplace().begin());
  entry.model_id = row.text();
  entry.sn = row.text();
  entry.detail = row.text();
  return entry;
}

std::uint64_t number_row(Query& row) { return static_cast<std::uint64_t>(row.integer()); }

Result<std::uint64_t> number(Query& query) {
  SIGNET_ASSIGN(const auto found, first_row(query, number_row));
  return found.value_or(0);
}

}  // namespace

Result<std::vector<KeyRecord>> Records::keys() {
  Query query = connection_.query(
      "SELECT purpose, generation, created_at, active_from, sealed_scalar, public_key, certificate FROM key"
      " ORDER BY purpose, generation DESC");
  return all_rows(query, key_row);
}

Result<void> Records::put(const KeyRecord& key) {
  Query query = connection_.query(
      "INSERT INTO key (purpose, generation, created_at, active_from, sealed_scalar, public_key, certificate)"
      " VALUES (?, ?, ?, ?, ?, ?, ?)");
  query.bind(name(key.purpose)).bind(key.generation).bind(key.created_at).bind(key.active_from);
  return query.bind(key.sealed_scalar).bind(key.public_key).bind(key.certificate).run();
}

Result<std::vector<CredentialRecord>> Records::credentials() {
  Query query = connection_.query("SELECT name, role, models, secret_hash, created_at FROM credential ORDER BY name");
  return all_rows(query, credential_row);
}

Result<void> Records::put(const CredentialRecord& credential) {
  Query query = connection_.query(
      "INSERT INTO credential (name, role, models, secret_hash, created_at) VALUES (?, ?, ?, ?, ?)"
      " ON CONFLICT (name) DO UPDATE SET role = excluded.role, models = excluded.models,"
      " secret_hash = excluded.secret_hash, created_at = excluded.created_at");
  query.bind(credential.actor.name).bind(name(credential.actor.role)).bind(joined(credential.actor.models));
  return query.bind(credential.secret_hash).bind(credential.created_at).run();
}

Result<bool> Records::remove_credential(const std::string& name) {
  SIGNET_TRY(connection_.query("DELETE FROM credential WHERE name = ?").bind(name).run());
  return connection_.changes() > 0;
}

Result<std::vector<AuditEntry>> Records::audit(std::uint64_t after, std::size_t limit) {
  Query query = connection_.query("SELECT " AUDIT_COLUMNS
                                  " FROM audit a LEFT JOIN chip c ON c.number = a.chip WHERE a.number > ?"
                                  " ORDER BY a.number LIMIT ?");
  return all_rows(query.bind(after).bind(static_cast<std::int64_t>(limit)), audit_row);
}

Result<std::vector<AuditEntry>> Records::audit_of(const Ueid& ueid, std::size_t limit) {
  Query query = connection_.query("SELECT * FROM (SELECT " AUDIT_COLUMNS
                                  " FROM chip c CROSS JOIN audit a ON a.chip = c.number WHERE c.ueid = ?"
                                  " ORDER BY a.number DESC LIMIT ?) ORDER BY number");
  return all_rows(query.bind(ueid).bind(static_cast<std::int64_t>(limit)), audit_row);
}

Result<void> Records::add(const AuditEntry& entry) {
  Query query = connection_.query(
      "INSERT INTO audit (at, actor, action, reason, chip, model_id, sn, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  query.bind(entry.at).bind(entry.actor).bind(entry.action).bind(entry.reason);
  if (entry.ueid) {
    SIGNET_ASSIGN(const auto number, chip(*entry.ueid));
    query.bind(number);
  } else {
    query.bind_null();
  }
  return query.bind(entry.model_id).bind(entry.sn).bind(entry.detail).run();
}

Result<std::uint64_t> Records::counter(std::string_view name) {
  Query query = connection_.query("SELECT value FROM counter WHERE name = ?");
  return number(query.bind(name));
}

// In two statements: RETURNING would build a table on its way.
Result<std::uint64_t> Records::advance(std::string_view counter) {
  SIGNET_TRY(connection_.query("UPDATE counter SET value = value + 1 WHERE name = ?").bind(counter).run());
  if (connection_.changes() == 0) {
    SIGNET_TRY(connection_.query("INSERT INTO counter (name, value) VALUES (?, 1)").bind(counter).run());
  }
  return this->counter(counter);
}

Result<RecordCounts> Records::counts(UnixTime time) {
  RecordCounts counts;
  const auto count = [this](const char* sql, std::uint64_t& to, std::optional<UnixTime> at = {}) -> Result<void> {
    Query query = connection_.query(sql);
    if (at) query.bind(*at);
    SIGNET_ASSIGN(to, number(query));
    return {};
  };
  SIGNET_TRY(count("SELECT count(*) FROM device", counts.devices));
  SIGNET_TRY(count("SELECT count(*) FROM device WHERE blocked <> ''", counts.devices_blocked));
  SIGNET_TRY(count("SELECT count(*) FROM registration WHERE state = 0 AND expires_at > ?", counts.reservations, time));
  SIGNET_TRY(count("SELECT count(*) FROM certificate", counts.certificates_valid));
  SIGNET_TRY(count("SELECT count(*) FROM certificate WHERE revoked_at IS NOT NULL", counts.certificates_revoked));
  SIGNET_TRY(count("SELECT count(*) FROM sn_ticket", counts.sn_tickets));
  SIGNET_TRY(count("SELECT count(*) FROM nonce", counts.nonces));
  SIGNET_TRY(count("SELECT coalesce(max(number), 0) FROM audit", counts.audit_entries));
  counts.certificates_valid -= counts.certificates_revoked;
  return counts;
}

}  // namespace signet::activation::sqlite
