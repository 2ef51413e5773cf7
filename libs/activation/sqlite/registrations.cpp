// Registrations, sn tickets and nonces: what there is before there is a device, and what expires.
#include <iterator>

#include "activation/sqlite/reading.h"
#include "activation/sqlite/records_sql.h"

namespace signet::activation::sqlite {
namespace {

#define SELECT_REGISTRATION                                                                                         \
  "SELECT r.id, r.state, c.ueid, r.model_id, r.sn, r.app_id, r.transport, r.key_protection, r.cid_hash, r.kcv,"     \
  " r.public_key, r.sealed_escrow, r.challenge, r.nonce, r.issued, r.created_at, r.expires_at, r.generation, t.der" \
  " FROM registration r JOIN chip c ON c.number = r.chip"                                                           \
  " LEFT JOIN certificate t ON r.state = 1 AND t.number = r.chip << 32 | r.generation "

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

Bytes octets_row(Query& row) { return row.octets(); }
std::string text_row(Query& row) { return row.text(); }

// `find` finds the names of records, `forget` takes one of them. There is seldom anything to forget, so that this is
// one look into an index; a DELETE with the SELECT in it would build a table first.
template <class Name>
Result<void> forget(Connection& connection, const char* find, const char* forget, Name (*row)(Query&), UnixTime time,
                    std::size_t limit) {
  Query query = connection.query(find);
  query.bind(time).bind(static_cast<std::int64_t>(limit));
  SIGNET_ASSIGN(const auto names, all_rows(query, row));
  for (const Name& name : names) SIGNET_TRY(connection.query(forget).bind(name).run());
  return {};
}

}  // namespace

Result<std::optional<Registration>> Records::registration(const identity::RegistrationId& id) {
  Query query = connection_.query(SELECT_REGISTRATION "WHERE r.id = ?");
  return first_row(query.bind(id), registration_row);
}

// Two statements instead of a UNION, which would build a table on its way.
Result<std::vector<Registration>> Records::reservations(const Ueid& ueid, const identity::Ids& ids, UnixTime time) {
  Query own = connection_.query(SELECT_REGISTRATION "WHERE r.state = 0 AND r.expires_at > ? AND c.ueid = ?");
  SIGNET_ASSIGN(auto found, all_rows(own.bind(time).bind(ueid), registration_row));
  Query others = connection_.query(
      SELECT_REGISTRATION "WHERE r.state = 0 AND r.expires_at > ? AND r.model_id = ? AND r.sn = ? AND c.ueid <> ?");
  others.bind(time).bind(ids.model_id).bind(ids.sn).bind(ueid);
  SIGNET_ASSIGN(auto more, all_rows(others, registration_row));
  found.insert(found.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return found;
}

Result<void> Records::put(const Registration& registration) {
  SIGNET_ASSIGN(const auto number, chip(registration.ueid));
  Query query = connection_.query(
      "INSERT INTO registration (id, state, chip, model_id, sn, app_id, transport, key_protection, cid_hash, kcv,"
      " public_key, sealed_escrow, challenge, nonce, issued, created_at, expires_at, generation)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
      " ON CONFLICT (id) DO UPDATE SET state = excluded.state, chip = excluded.chip, model_id = excluded.model_id,"
      " sn = excluded.sn, app_id = excluded.app_id, transport = excluded.transport,"
      " key_protection = excluded.key_protection, cid_hash = excluded.cid_hash, kcv = excluded.kcv,"
      " public_key = excluded.public_key, sealed_escrow = excluded.sealed_escrow, challenge = excluded.challenge,"
      " nonce = excluded.nonce, issued = excluded.issued, created_at = excluded.created_at,"
      " expires_at = excluded.expires_at, generation = excluded.generation");
  query.bind(registration.id).bind(static_cast<std::int64_t>(registration.state)).bind(number);
  query.bind(registration.ids.model_id).bind(registration.ids.sn).bind(registration.ids.app_id);
  query.bind(registration.chip.transport).bind(registration.chip.key_protection);
  query.bind(registration.chip.cid_hash).bind(registration.chip.kcv);
  query.bind(registration.public_key).bind(registration.sealed_escrow);
  query.bind(registration.challenge).bind(registration.nonce).bind(registration.issued);
  query.bind(registration.created_at).bind(registration.expires_at);
  return query.bind(registration.generation).run();
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
  SIGNET_TRY(forget(connection_, "SELECT nonce FROM nonce WHERE expires_at < ? ORDER BY expires_at LIMIT ?",
                    "DELETE FROM nonce WHERE nonce = ?", text_row, time, limit));
  SIGNET_TRY(forget(connection_, "SELECT hash FROM sn_ticket WHERE expires_at < ? ORDER BY expires_at LIMIT ?",
                    "DELETE FROM sn_ticket WHERE hash = ?", octets_row, time, limit));
  return forget(connection_,
                "SELECT id FROM registration WHERE state = 0 AND expires_at < ? ORDER BY expires_at LIMIT ?",
                "UPDATE registration SET state = 2, sealed_escrow = x'' WHERE id = ?", octets_row, time, limit);
}

}  // namespace signet::activation::sqlite
