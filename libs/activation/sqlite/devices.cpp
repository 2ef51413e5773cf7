// Devices, their certificates and the counters that were seen.
#include <algorithm>

#include "activation/sqlite/reading.h"
#include "activation/sqlite/records_sql.h"

namespace signet::activation::sqlite {
namespace {

// The last sightings are kept, and always the highest one.
constexpr int kSightings = 16;

#define DEVICE_COLUMNS                                                                                              \
  "c.ueid, d.model_id, d.sn, d.app_id, d.transport, d.key_protection, d.cid_hash, d.kcv, d.sealed_key IS NOT NULL," \
  " d.generation, d.blocked, d.blocked_note, d.registered_at, d.confirmed_at, d.released_at"
// Which is looked at first is said here: the rest is found by its number.
#define OF_CHIP "FROM chip c CROSS JOIN device d ON d.chip = c.number "
#define WITH_CHIP "FROM device d CROSS JOIN chip c ON c.number = d.chip "

Device device_row(Query& row) {
  Device device;
  row.octets(device.ueid);
  device.ids = {.model_id = row.text(), .sn = row.text(), .app_id = row.text()};
  device.chip.transport = row.text();
  device.chip.key_protection = row.text();
  row.octets(device.chip.cid_hash);
  row.octets(device.chip.kcv);
  device.escrowed = row.integer() != 0;
  device.generation = static_cast<std::uint32_t>(row.integer());
  device.blocked = row.text();
  device.blocked_note = row.text();
  device.registered_at = row.time();
  device.confirmed_at = row.time();
  if (!row.null()) device.released_at = row.time();
  return device;
}

#define SELECT_CERTIFICATE                                                                                         \
  "SELECT t.serial, t.kind, t.ca_generation, c.ueid, t.generation, t.der, t.issued_at, t.expires_at, t.revoked_at" \
  " FROM chip c CROSS JOIN certificate t ON t.number BETWEEN c.number << 32 AND c.number << 32 | 0xffffffff "

DeviceCertificate certificate_row(Query& row) {
  DeviceCertificate certificate;
  certificate.serial = row.octets();
  certificate.kind = static_cast<ChipKind>(row.integer());
  certificate.ca_generation = static_cast<std::uint32_t>(row.integer());
  row.octets(certificate.ueid);
  certificate.generation = static_cast<std::uint32_t>(row.integer());
  certificate.der = row.octets();
  certificate.issued_at = row.time();
  certificate.expires_at = row.time();
  if (!row.null()) certificate.revoked_at = row.time();
  return certificate;
}

CounterSighting sighting_row(Query& row) {
  CounterSighting sighting;
  sighting.counter = static_cast<std::uint32_t>(row.integer());
  sighting.seen = static_cast<std::uint64_t>(row.integer());
  sighting.seen_at = row.time();
  sighting.nonce_issued_at = row.time();
  return sighting;
}

crypto::Revocation revocation_row(Query& row) { return {.serial = row.octets(), .at = row.time()}; }

Bytes octets_row(Query& row) { return row.octets(); }

std::int64_t integer_row(Query& row) { return row.integer(); }

}  // namespace

Result<std::int64_t> Records::chip(const Ueid& ueid) {
  if (last_chip_ && last_chip_->first == ueid) return last_chip_->second;
  SIGNET_ASSIGN(auto number, [&] {
    Query query = connection_.query("SELECT number FROM chip WHERE ueid = ?");
    return first_row(query.bind(ueid), integer_row);
  }());
  if (!number) {
    SIGNET_TRY(connection_.query("INSERT INTO chip (ueid) VALUES (?)").bind(ueid).run());
    number = connection_.last_row();
  }
  last_chip_.emplace(ueid, *number);
  return *number;
}

Result<std::optional<Device>> Records::device(const Ueid& ueid) {
  Query query = connection_.query("SELECT " DEVICE_COLUMNS " " OF_CHIP "WHERE c.ueid = ?");
  return first_row(query.bind(ueid), device_row);
}

// One statement for each use, so that each has its index. Those of one serial number are few; sorting them here costs
// less than what SQLite prepares for it.
Result<std::vector<Device>> Records::devices(const DeviceFilter& filter) {
  Ueid after{};
  if (!filter.after.empty()) {
    SIGNET_ASSIGN(after, parse_ueid(filter.after));
  }
  if (!filter.model_id.empty() && !filter.sn.empty()) {
    Query query =
        connection_.query("SELECT " DEVICE_COLUMNS " " WITH_CHIP "WHERE d.model_id = ? AND d.sn = ? AND c.ueid > ?");
    query.bind(filter.model_id).bind(filter.sn).bind(after);
    SIGNET_ASSIGN(auto found, all_rows(query, device_row));
    std::sort(found.begin(), found.end(), [](const Device& a, const Device& b) { return a.ueid < b.ueid; });
    if (found.size() > filter.limit) found.resize(filter.limit);
    return found;
  }
  Query query = connection_.query("SELECT " DEVICE_COLUMNS " " OF_CHIP
                                  "WHERE c.ueid > ?3 AND (?1 = '' OR d.model_id = ?1) AND (?2 = '' OR d.sn = ?2)"
                                  " ORDER BY c.ueid LIMIT ?4");
  query.bind(filter.model_id).bind(filter.sn).bind(after).bind(static_cast<std::int64_t>(filter.limit));
  return all_rows(query, device_row);
}

Result<std::vector<Device>> Records::devices_with_cid(const crypto::Digest& cid_hash) {
  Query query =
      connection_.query("SELECT " DEVICE_COLUMNS " " WITH_CHIP
                        "WHERE d.cid_hash = ? AND d.transport <> 'emulator' AND d.released_at IS NULL LIMIT 10");
  return all_rows(query.bind(cid_hash), device_row);
}

Result<std::optional<Bytes>> Records::sealed_key(const Ueid& ueid) {
  Query query = connection_.query("SELECT d.sealed_key " OF_CHIP "WHERE c.ueid = ? AND d.sealed_key IS NOT NULL");
  return first_row(query.bind(ueid), octets_row);
}

Result<std::vector<CounterSighting>> Records::sightings(const Ueid& ueid) {
  Query query = connection_.query(
      "SELECT s.counter, s.seen, s.seen_at, s.nonce_issued_at FROM chip c CROSS JOIN sighting s ON s.chip = c.number"
      " WHERE c.ueid = ? ORDER BY s.seen");
  return all_rows(query.bind(ueid), sighting_row);
}

// The newest first, which is asked for most.
Result<std::optional<DeviceCertificate>> Records::certificate(const Ueid& ueid, BytesView serial) {
  Query query =
      connection_.query(SELECT_CERTIFICATE "WHERE c.ueid = ? AND t.serial = ? ORDER BY t.number DESC LIMIT 1");
  return first_row(query.bind(ueid).bind(serial), certificate_row);
}

Result<std::vector<DeviceCertificate>> Records::certificates(const Ueid& ueid) {
  Query query = connection_.query(SELECT_CERTIFICATE "WHERE c.ueid = ? ORDER BY t.number");
  return all_rows(query.bind(ueid), certificate_row);
}

Result<std::vector<crypto::Revocation>> Records::revoked(ChipKind kind, std::uint32_t ca_generation,
                                                         UnixTime not_expired_at) {
  Query query = connection_.query(
      "SELECT serial, revoked_at FROM certificate"
      " WHERE kind = ? AND ca_generation = ? AND expires_at >= ? AND revoked_at IS NOT NULL ORDER BY revoked_at");
  query.bind(static_cast<std::int64_t>(kind)).bind(ca_generation).bind(not_expired_at);
  return all_rows(query, revocation_row);
}

Result<void> Records::put(const Device& device, BytesView sealed_key) {
  SIGNET_ASSIGN(const auto number, chip(device.ueid));
  Query query = connection_.query(
      "INSERT INTO device (chip, model_id, sn, app_id, transport, key_protection, cid_hash, kcv, generation, blocked,"
      " blocked_note, registered_at, confirmed_at, released_at, sealed_key)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
      " ON CONFLICT (chip) DO UPDATE SET model_id = excluded.model_id, sn = excluded.sn, app_id = excluded.app_id,"
      " transport = excluded.transport, key_protection = excluded.key_protection, cid_hash = excluded.cid_hash,"
      " kcv = excluded.kcv, generation = excluded.generation, blocked = excluded.blocked,"
      " blocked_note = excluded.blocked_note, registered_at = excluded.registered_at,"
      " confirmed_at = excluded.confirmed_at, released_at = excluded.released_at,"
      " sealed_key = coalesce(excluded.sealed_key, sealed_key)");
  query.bind(number).bind(device.ids.model_id).bind(device.ids.sn).bind(device.ids.app_id);
  query.bind(device.chip.transport).bind(device.chip.key_protection).bind(device.chip.cid_hash).bind(device.chip.kcv);
  query.bind(device.generation).bind(device.blocked).bind(device.blocked_note);
  query.bind(device.registered_at).bind(device.confirmed_at).bind(device.released_at);
  return (sealed_key.empty() ? query.bind_null() : query.bind(sealed_key)).run();
}

Result<void> Records::add_sighting(const Ueid& ueid, const CounterSighting& sighting) {
  SIGNET_ASSIGN(const auto number, chip(ueid));
  Query query =
      connection_.query("INSERT INTO sighting (chip, counter, seen, seen_at, nonce_issued_at) VALUES (?, ?, ?, ?, ?)");
  query.bind(number).bind(sighting.counter).bind(sighting.seen).bind(sighting.seen_at).bind(sighting.nonce_issued_at);
  SIGNET_TRY(query.run());
  Query kept = connection_.query("SELECT count(*) FROM sighting WHERE chip = ?");
  SIGNET_TRY(kept.bind(number).next());
  if (kept.integer() <= kSightings) return {};
  return connection_
      .query(
          "DELETE FROM sighting WHERE chip = ?1 AND counter < (SELECT max(counter) FROM sighting WHERE chip = ?1)"
          " AND seen NOT IN (SELECT seen FROM sighting WHERE chip = ?1 ORDER BY seen DESC LIMIT ?2)")
      .bind(number)
      .bind(std::int64_t{kSightings})
      .run();
}

Result<void> Records::forget_sightings(const Ueid& ueid) {
  return connection_.query("DELETE FROM sighting WHERE chip = (SELECT number FROM chip WHERE ueid = ?)")
      .bind(ueid)
      .run();
}

// A generation has one certificate, of which only the revocation may change.
Result<void> Records::put(const DeviceCertificate& certificate) {
  SIGNET_ASSIGN(const auto number, chip(certificate.ueid));
  Query query = connection_.query(
      "INSERT INTO certificate (number, chip, generation, serial, kind, ca_generation, der, issued_at, expires_at,"
      " revoked_at) VALUES (?1 << 32 | ?2, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
      " ON CONFLICT (number) DO UPDATE SET revoked_at = excluded.revoked_at WHERE serial = excluded.serial");
  query.bind(number).bind(certificate.generation).bind(certificate.serial);
  query.bind(static_cast<std::int64_t>(certificate.kind)).bind(certificate.ca_generation).bind(certificate.der);
  query.bind(certificate.issued_at).bind(certificate.expires_at).bind(certificate.revoked_at);
  SIGNET_TRY(query.run());
  if (connection_.changes() == 1) return {};
  return fail(Errc::already_exists, "generation: the device has another certificate of it");
}

}  // namespace signet::activation::sqlite
