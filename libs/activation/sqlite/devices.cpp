// Devices, their certificates and the counters that were seen.
#include "activation/sqlite/reading.h"
#include "activation/sqlite/records_sql.h"

namespace signet::activation::sqlite {
namespace {

// The last sightings are kept, and always the highest one.
constexpr int kSightings = 16;

#define DEVICE_COLUMNS                                                                                         \
  "ueid, model_id, sn, app_id, transport, key_protection, cid_hash, kcv, sealed_key IS NOT NULL, generation, " \
  "blocked, blocked_note, registered_at, confirmed_at, released_at"

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

#define CERTIFICATE_COLUMNS "serial, kind, ca_generation, ueid, generation, der, issued_at, expires_at, revoked_at"

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

}  // namespace

Result<std::optional<Device>> Records::device(const Ueid& ueid) {
  Query query = connection_.query("SELECT " DEVICE_COLUMNS " FROM device WHERE ueid = ?");
  return first_row(query.bind(ueid), device_row);
}

// One statement for each use, so that each has its index.
Result<std::vector<Device>> Records::devices(const DeviceFilter& filter) {
  Ueid after{};
  if (!filter.after.empty()) {
    SIGNET_ASSIGN(after, parse_ueid(filter.after));
  }
  const auto limit = static_cast<std::int64_t>(filter.limit);
  if (!filter.model_id.empty() && !filter.sn.empty()) {
    Query query = connection_.query("SELECT " DEVICE_COLUMNS
                                    " FROM device WHERE model_id = ? AND sn = ? AND ueid > ? ORDER BY ueid LIMIT ?");
    return all_rows(query.bind(filter.model_id).bind(filter.sn).bind(after).bind(limit), device_row);
  }
  Query query = connection_.query("SELECT " DEVICE_COLUMNS
                                  " FROM device WHERE ueid > ?3 AND (?1 = '' OR model_id = ?1) AND (?2 = '' OR sn = ?2)"
                                  " ORDER BY ueid LIMIT ?4");
  return all_rows(query.bind(filter.model_id).bind(filter.sn).bind(after).bind(limit), device_row);
}

Result<std::vector<Device>> Records::devices_with_cid(const crypto::Digest& cid_hash) {
  Query query =
      connection_.query("SELECT " DEVICE_COLUMNS
                        " FROM device WHERE cid_hash = ? AND transport <> 'emulator' AND released_at IS NULL LIMIT 10");
  return all_rows(query.bind(cid_hash), device_row);
}

Result<std::optional<Bytes>> Records::sealed_key(const Ueid& ueid) {
  Query query = connection_.query("SELECT sealed_key FROM device WHERE ueid = ? AND sealed_key IS NOT NULL");
  return first_row(query.bind(ueid), octets_row);
}

Result<std::vector<CounterSighting>> Records::sightings(const Ueid& ueid) {
  Query query =
      connection_.query("SELECT counter, seen, seen_at, nonce_issued_at FROM sighting WHERE ueid = ? ORDER BY seen");
  return all_rows(query.bind(ueid), sighting_row);
}

Result<std::optional<DeviceCertificate>> Records::certificate(BytesView serial) {
  Query query = connection_.query("SELECT " CERTIFICATE_COLUMNS " FROM certificate WHERE serial = ?");
  return first_row(query.bind(serial), certificate_row);
}

Result<std::vector<DeviceCertificate>> Records::certificates(const Ueid& ueid) {
  Query query = connection_.query("SELECT " CERTIFICATE_COLUMNS " FROM certificate WHERE ueid = ? ORDER BY generation");
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

Result<void> Records::put(const Device& device) {
  Query query = connection_.query(
      "INSERT INTO device (ueid, model_id, sn, app_id, transport, key_protection, cid_hash, kcv, generation, blocked,"
      " blocked_note, registered_at, confirmed_at, released_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
      " ON CONFLICT (ueid) DO UPDATE SET model_id = excluded.model_id, sn = excluded.sn, app_id = excluded.app_id,"
      " transport = excluded.transport, key_protection = excluded.key_protection, cid_hash = excluded.cid_hash,"
      " kcv = excluded.kcv, generation = excluded.generation, blocked = excluded.blocked,"
      " blocked_note = excluded.blocked_note, registered_at = excluded.registered_at,"
      " confirmed_at = excluded.confirmed_at, released_at = excluded.released_at");
  query.bind(device.ueid).bind(device.ids.model_id).bind(device.ids.sn).bind(device.ids.app_id);
  query.bind(device.chip.transport).bind(device.chip.key_protection).bind(device.chip.cid_hash).bind(device.chip.kcv);
  query.bind(device.generation).bind(device.blocked).bind(device.blocked_note);
  query.bind(device.registered_at).bind(device.confirmed_at);
  return (device.released_at ? query.bind(*device.released_at) : query.bind_null()).run();
}

Result<void> Records::put_sealed_key(const Ueid& ueid, BytesView sealed) {
  return connection_.query("UPDATE device SET sealed_key = ? WHERE ueid = ?").bind(sealed).bind(ueid).run();
}

Result<void> Records::add_sighting(const Ueid& ueid, const CounterSighting& sighting) {
  Query query =
      connection_.query("INSERT INTO sighting (ueid, counter, seen, seen_at, nonce_issued_at) VALUES (?, ?, ?, ?, ?)");
  query.bind(ueid).bind(sighting.counter).bind(sighting.seen).bind(sighting.seen_at).bind(sighting.nonce_issued_at);
  SIGNET_TRY(query.run());
  Query kept = connection_.query("SELECT count(*) FROM sighting WHERE ueid = ?");
  SIGNET_TRY(kept.bind(ueid).next());
  if (kept.integer() <= kSightings) return {};
  return connection_
      .query(
          "DELETE FROM sighting WHERE ueid = ?1 AND counter < (SELECT max(counter) FROM sighting WHERE ueid = ?1)"
          " AND seen NOT IN (SELECT seen FROM sighting WHERE ueid = ?1 ORDER BY seen DESC LIMIT ?2)")
      .bind(ueid)
      .bind(static_cast<std::int64_t>(kSightings))
      .run();
}

Result<void> Records::forget_sightings(const Ueid& ueid) {
  return connection_.query("DELETE FROM sighting WHERE ueid = ?").bind(ueid).run();
}

Result<void> Records::put(const DeviceCertificate& certificate) {
  Query query = connection_.query("INSERT INTO certificate (" CERTIFICATE_COLUMNS
                                  ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                                  " ON CONFLICT (serial) DO UPDATE SET revoked_at = excluded.revoked_at");
  query.bind(certificate.serial).bind(static_cast<std::int64_t>(certificate.kind)).bind(certificate.ca_generation);
  query.bind(certificate.ueid).bind(certificate.generation).bind(certificate.der);
  query.bind(certificate.issued_at).bind(certificate.expires_at);
  return (certificate.revoked_at ? query.bind(*certificate.revoked_at) : query.bind_null()).run();
}

}  // namespace signet::activation::sqlite
