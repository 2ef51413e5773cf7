// Registrations, sn tickets and nonces: what there is before there is a device, and what expires.
#include "activation/sqlite/reading.h"
#include "activation/sqlite/records_sql.h"

namespace signet::activation::sqlite {
namespace {

#define REGISTRATION_COLUMNS                                                                                     \
  "id, state, ueid, model_id, sn, app_id, transport, key_protection, cid_hash, kcv, public_key, sealed_escrow, " \
  "challenge, nonce, issued, created_at, expires_at, generation, certificate"

Registration registration_row(Query& row) {
  Registration registration;
  row.octets(registration.id);
  registration.state = static_cast<RegistrationState>(row.integer());
  row.octets(registration.ueid);
  registration.ids = {.model_id = row.text(), .sn = row.text(), .app_id = row.text()};
  registration.chip.transport = row.text();
  registration.chip.key_protection = row.text();
  row.octets(registration.chip.cid_hash);
  row.octets(registration.chip.kcv);
  registration.public_key = row.octets();
  registration.sealed_escrow = row.octets();
  registration.challenge = row.text();
  registration.nonce = row.text();
  registration.issued = static_cast<std::uint64_t>(row.integer());
  registration.created_at = row.time();
  registration.expires_at = row.time();
  registration.generation = static_cast<std::uint32_t>(row.integer());
  registration.certificate = row.octets();
  return registration;
}

SnTicketRecord sn_ticket_row(Query& row) {
  SnTicketRecord ticket;
  row.octets(ticket.hash);
  ticket.model_id = row.text();
  ticket.sn = row.text();
  ticket.issued_by = row.text();
  ticket.expires_at = row.time();
  if (!row.null()) row.octets(ticket.spent_on.emplace());
  return ticket;
}

NonceRecord nonce_row(Query& row) {
  NonceRecord nonce;
  nonce.nonce = row.text();
  nonce.audience = row.text();
  nonce.issued_by = row.text();
  nonce.issued_at = row.time();
  nonce.expires_at = row.time();
  nonce.issued = static_cast<std::uint64_t>(row.integer());
  nonce.spent = row.integer() != 0;
  return nonce;
}

}  // namespace

Result<std::optional<Registration>> Records::registration(const identity::RegistrationId& id) {
  Query query = connection_.query("SELECT " REGISTRATION_COLUMNS " FROM registration WHERE id = ?");
  return first_row(query.bind(id), registration_row);
}

Result<std::vector<Registration>> Records::reservations(const Ueid& ueid, const identity::Ids& ids, UnixTime time) {
  Query query =
      connection_.query("SELECT " REGISTRATION_COLUMNS
                        " FROM registration WHERE state = 0 AND expires_at > ?1 AND ueid = ?2"
                        " UNION SELECT " REGISTRATION_COLUMNS
                        " FROM registration WHERE state = 0 AND expires_at > ?1 AND model_id = ?3 AND sn = ?4");
  query.bind(time).bind(ueid).bind(ids.model_id).bind(ids.sn);
  return all_rows(query, registration_row);
}

Result<void> Records::put(const Registration& registration) {
  Query query = connection_.query(
      "INSERT INTO registration (" REGISTRATION_COLUMNS
      ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
      " ON CONFLICT (id) DO UPDATE SET state = excluded.state, ueid = excluded.ueid, model_id = excluded.model_id,"
      " sn = excluded.sn, app_id = excluded.app_id, transport = excluded.transport,"
      " key_protection = excluded.key_protection, cid_hash = excluded.cid_hash, kcv = excluded.kcv,"
      " public_key = excluded.public_key, sealed_escrow = excluded.sealed_escrow, challenge = excluded.challenge,"
      " nonce = excluded.nonce, issued = excluded.issued, created_at = excluded.created_at,"
      " expires_at = excluded.expires_at, generation = excluded.generation, certificate = excluded.certificate");
  query.bind(registration.id).bind(static_cast<std::int64_t>(registration.state)).bind(registration.ueid);
  query.bind(registration.ids.model_id).bind(registration.ids.sn).bind(registration.ids.app_id);
  query.bind(registration.chip.transport).bind(registration.chip.key_protection);
  query.bind(registration.chip.cid_hash).bind(registration.chip.kcv);
  query.bind(registration.public_key).bind(registration.sealed_escrow);
  query.bind(registration.challenge).bind(registration.nonce).bind(registration.issued);
  query.bind(registration.created_at).bind(registration.expires_at);
  return query.bind(registration.generation).bind(registration.certificate).run();
}

Result<std::optional<SnTicketRecord>> Records::sn_ticket(const crypto::Digest& hash) {
  Query query =
      connection_.query("SELECT hash, model_id, sn, issued_by, expires_at, spent_on FROM sn_ticket WHERE hash = ?");
  return first_row(query.bind(hash), sn_ticket_row);
}

Result<void> Records::put(const SnTicketRecord& ticket) {
  Query query = connection_.query(
      "INSERT INTO sn_ticket (hash, model_id, sn, issued_by, expires_at, spent_on) VALUES (?, ?, ?, ?, ?, ?)"
      " ON CONFLICT (hash) DO UPDATE SET spent_on = excluded.spent_on");
  query.bind(ticket.hash).bind(ticket.model_id).bind(ticket.sn).bind(ticket.issued_by).bind(ticket.expires_at);
  return (ticket.spent_on ? query.bind(*ticket.spent_on) : query.bind_null()).run();
}

Result<std::optional<NonceRecord>> Records::nonce(const std::string& nonce) {
  Query query = connection_.query(
      "SELECT nonce, audience, issued_by, issued_at, expires_at, issued, spent FROM nonce WHERE nonce = ?");
  return first_row(query.bind(nonce), nonce_row);
}

Result<void> Records::put(const NonceRecord& nonce) {
  Query query = connection_.query(
      "INSERT INTO nonce (nonce, audience, issued_by, issued_at, expires_at, issued, spent)"
      " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (nonce) DO UPDATE SET spent = excluded.spent");
  query.bind(nonce.nonce).bind(nonce.audience).bind(nonce.issued_by).bind(nonce.issued_at).bind(nonce.expires_at);
  return query.bind(nonce.issued).bind(nonce.spent).run();
}

Result<void> Records::forget_expired(UnixTime time, std::size_t limit) {
  const auto most = static_cast<std::int64_t>(limit);
  SIGNET_TRY(connection_
                 .query("DELETE FROM nonce WHERE nonce IN"
                        " (SELECT nonce FROM nonce WHERE expires_at < ? ORDER BY expires_at LIMIT ?)")
                 .bind(time)
                 .bind(most)
                 .run());
  SIGNET_TRY(connection_
                 .query("DELETE FROM sn_ticket WHERE hash IN"
                        " (SELECT hash FROM sn_ticket WHERE expires_at < ? ORDER BY expires_at LIMIT ?)")
                 .bind(time)
                 .bind(most)
                 .run());
  return connection_
      .query(
          "UPDATE registration SET state = 2, sealed_escrow = x'' WHERE id IN"
          " (SELECT id FROM registration WHERE state = 0 AND expires_at < ? ORDER BY expires_at LIMIT ?)")
      .bind(time)
      .bind(most)
      .run();
}

}  // namespace signet::activation::sqlite
