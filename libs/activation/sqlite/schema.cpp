#include "activation/sqlite/schema.h"

#include <array>

#include "activation/sqlite/store.h"

namespace signet::activation::sqlite {
namespace {

// Step n makes version n + 1 of version n. What has been shipped is never edited: changes are steps of their own.
constexpr std::array<const char*, kSchemaVersion> kSteps{
    R"sql(
CREATE TABLE device (
  ueid BLOB PRIMARY KEY CHECK (length(ueid) = 33),
  model_id TEXT NOT NULL,
  sn TEXT NOT NULL,
  app_id TEXT NOT NULL,
  transport TEXT NOT NULL,
  key_protection TEXT NOT NULL,
  cid_hash BLOB NOT NULL CHECK (length(cid_hash) = 32),
  kcv BLOB NOT NULL CHECK (length(kcv) = 8),
  sealed_key BLOB,                     -- the chip's key; NULL: not escrowed
  generation INTEGER NOT NULL,
  blocked TEXT NOT NULL,               -- the name of a reason, or nothing
  blocked_note TEXT NOT NULL,
  registered_at INTEGER NOT NULL,      -- this and every other time: seconds since 1970
  confirmed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX device_by_serial ON device (model_id, sn);
CREATE INDEX device_blocked ON device (blocked) WHERE blocked <> '';

CREATE TABLE registration (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),  -- reserved, confirmed, cancelled
  ueid BLOB NOT NULL CHECK (length(ueid) = 33),
  model_id TEXT NOT NULL,
  sn TEXT NOT NULL,
  app_id TEXT NOT NULL,
  transport TEXT NOT NULL,
  key_protection TEXT NOT NULL,
  cid_hash BLOB NOT NULL CHECK (length(cid_hash) = 32),
  kcv BLOB NOT NULL CHECK (length(kcv) = 8),
  public_key BLOB NOT NULL,
  sealed_escrow BLOB NOT NULL,         -- empty: none
  challenge TEXT NOT NULL,
  nonce TEXT NOT NULL,
  issued INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  certificate BLOB NOT NULL            -- empty: not confirmed
) STRICT;
CREATE INDEX reservation_by_ueid ON registration (ueid) WHERE state = 0;
CREATE INDEX reservation_by_serial ON registration (model_id, sn) WHERE state = 0;
CREATE INDEX reservation_by_expiry ON registration (expires_at) WHERE state = 0;

CREATE TABLE certificate (
  serial BLOB PRIMARY KEY,
  kind INTEGER NOT NULL CHECK (kind IN (0, 1)),          -- hardware, emulated
  ca_generation INTEGER NOT NULL,
  ueid BLOB NOT NULL REFERENCES device (ueid),
  generation INTEGER NOT NULL,
  der BLOB NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX certificate_by_ueid ON certificate (ueid, generation);
CREATE INDEX certificate_revoked ON certificate (kind, ca_generation, expires_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE sn_ticket (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  model_id TEXT NOT NULL,
  sn TEXT NOT NULL,
  issued_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  spent_on BLOB REFERENCES registration (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sn_ticket_by_expiry ON sn_ticket (expires_at);

CREATE TABLE nonce (
  nonce TEXT PRIMARY KEY,
  audience TEXT NOT NULL,
  issued_by TEXT NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  issued INTEGER NOT NULL,
  spent INTEGER NOT NULL CHECK (spent IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX nonce_by_expiry ON nonce (expires_at);

CREATE TABLE key (
  purpose TEXT NOT NULL,
  generation INTEGER NOT NULL CHECK (generation > 0),
  created_at INTEGER NOT NULL,
  active_from INTEGER NOT NULL,
  sealed_scalar BLOB NOT NULL,
  public_key BLOB NOT NULL,
  certificate BLOB NOT NULL,           -- empty: none
  PRIMARY KEY (purpose, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE credential (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL CHECK (role IN ('vendor', 'verifier', 'operator')),
  models TEXT NOT NULL,                -- separated by blanks; nothing: all
  secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  reason TEXT NOT NULL,
  ueid BLOB,
  model_id TEXT NOT NULL,
  sn TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_ueid ON audit (ueid, number) WHERE ueid IS NOT NULL;

CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql",
    // Version 2: one chip under several ids is found by its CID; counters are kept as they were seen.
    R"sql(
CREATE INDEX device_by_cid ON device (cid_hash);
CREATE TABLE sighting (
  ueid BLOB NOT NULL REFERENCES device (ueid),
  seen INTEGER NOT NULL,               -- place in the order of events
  counter INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  nonce_issued_at INTEGER NOT NULL,
  PRIMARY KEY (ueid, seen)
) STRICT, WITHOUT ROWID;
)sql",
    // Version 3: devices can be let go.
    R"sql(
ALTER TABLE device ADD COLUMN released_at INTEGER;  -- NULL: it was not
)sql",
    // Version 4: a chip has a number, in the order in which the chips came, and what is known of it is kept by that
    // number. So the records of new devices are written side by side, and not each to a page of its own somewhere in
    // the middle. A certificate is kept once, no longer in its registration as well; it is found by its device, which
    // it names. Numbers of the audit log stay in order without a table for the last one, as nothing is ever taken from
    // it.
    R"sql(
CREATE TABLE chip (
  number INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND 2147483647),
  ueid BLOB NOT NULL UNIQUE CHECK (length(ueid) = 33)
) STRICT;
INSERT INTO chip (ueid) SELECT ueid FROM (
  SELECT ueid, registered_at AS at FROM device
  UNION ALL SELECT ueid, created_at FROM registration
  UNION ALL SELECT ueid, at FROM audit WHERE ueid IS NOT NULL
) GROUP BY ueid ORDER BY min(at);

CREATE TABLE new_device (
  chip INTEGER PRIMARY KEY REFERENCES chip (number),
  model_id TEXT NOT NULL,
  sn TEXT NOT NULL,
  app_id TEXT NOT NULL,
  transport TEXT NOT NULL,
  key_protection TEXT NOT NULL,
  cid_hash BLOB NOT NULL CHECK (length(cid_hash) = 32),
  kcv BLOB NOT NULL CHECK (length(kcv) = 8),
  sealed_key BLOB,                     -- the chip's key; NULL: not escrowed
  generation INTEGER NOT NULL,
  blocked TEXT NOT NULL,               -- the name of a reason, or nothing
  blocked_note TEXT NOT NULL,
  registered_at INTEGER NOT NULL,
  confirmed_at INTEGER NOT NULL,
  released_at INTEGER                  -- NULL: it was not
) STRICT;
INSERT INTO new_device SELECT chip.number, model_id, sn, app_id, transport, key_protection, cid_hash, kcv, sealed_key,
  generation, blocked, blocked_note, registered_at, confirmed_at, released_at FROM device JOIN chip USING (ueid);

CREATE TABLE new_registration (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),  -- reserved, confirmed, cancelled
  chip INTEGER NOT NULL REFERENCES chip (number),
  model_id TEXT NOT NULL,
  sn TEXT NOT NULL,
  app_id TEXT NOT NULL,
  transport TEXT NOT NULL,
  key_protection TEXT NOT NULL,
  cid_hash BLOB NOT NULL CHECK (length(cid_hash) = 32),
  kcv BLOB NOT NULL CHECK (length(kcv) = 8),
  public_key BLOB NOT NULL,
  sealed_escrow BLOB NOT NULL,         -- empty: none
  challenge TEXT NOT NULL,
  nonce TEXT NOT NULL,
  issued INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  generation INTEGER NOT NULL          -- when confirmed: of its certificate
) STRICT;
INSERT INTO new_registration SELECT id, state, chip.number, model_id, sn, app_id, transport, key_protection, cid_hash,
  kcv, public_key, sealed_escrow, challenge, nonce, issued, created_at, expires_at, generation
  FROM registration JOIN chip USING (ueid) ORDER BY registration.rowid;

CREATE TABLE new_certificate (
  number INTEGER PRIMARY KEY CHECK (number = chip << 32 | generation),
  chip INTEGER NOT NULL REFERENCES new_device (chip),
  generation INTEGER NOT NULL CHECK (generation BETWEEN 0 AND 4294967295),
  serial BLOB NOT NULL,
  kind INTEGER NOT NULL CHECK (kind IN (0, 1)),          -- hardware, emulated
  ca_generation INTEGER NOT NULL,
  der BLOB NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;
INSERT INTO new_certificate SELECT chip.number << 32 | generation, chip.number, generation, serial, kind, ca_generation,
  der, issued_at, expires_at, revoked_at FROM certificate JOIN chip USING (ueid);

CREATE TABLE new_sighting (
  chip INTEGER NOT NULL REFERENCES new_device (chip),
  seen INTEGER NOT NULL,               -- place in the order of events
  counter INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  nonce_issued_at INTEGER NOT NULL,
  PRIMARY KEY (chip, seen)
) STRICT, WITHOUT ROWID;
INSERT INTO new_sighting SELECT chip.number, seen, counter, seen_at, nonce_issued_at FROM sighting JOIN chip USING (ueid);

CREATE TABLE new_sn_ticket (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  model_id TEXT NOT NULL,
  sn TEXT NOT NULL,
  issued_by TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  spent_on BLOB REFERENCES new_registration (id)
) STRICT, WITHOUT ROWID;
INSERT INTO new_sn_ticket SELECT hash, model_id, sn, issued_by, expires_at, spent_on FROM sn_ticket;

CREATE TABLE new_audit (
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  reason TEXT NOT NULL,
  chip INTEGER REFERENCES chip (number),
  model_id TEXT NOT NULL,
  sn TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
INSERT INTO new_audit SELECT audit.number, at, actor, action, reason, chip.number, model_id, sn, detail
  FROM audit LEFT JOIN chip USING (ueid) ORDER BY audit.number;

DROP TABLE sn_ticket;                  -- whatever refers to another goes before it
DROP TABLE registration;
DROP TABLE sighting;
DROP TABLE certificate;
DROP TABLE device;
DROP TABLE audit;
ALTER TABLE new_device RENAME TO device;
ALTER TABLE new_registration RENAME TO registration;
ALTER TABLE new_certificate RENAME TO certificate;
ALTER TABLE new_sighting RENAME TO sighting;
ALTER TABLE new_sn_ticket RENAME TO sn_ticket;
ALTER TABLE new_audit RENAME TO audit;

CREATE INDEX device_by_serial ON device (model_id, sn);
CREATE INDEX device_by_cid ON device (cid_hash) WHERE transport <> 'emulator' AND released_at IS NULL;
CREATE INDEX device_blocked ON device (blocked) WHERE blocked <> '';
CREATE INDEX reservation_by_chip ON registration (chip) WHERE state = 0;
CREATE INDEX reservation_by_serial ON registration (model_id, sn) WHERE state = 0;
CREATE INDEX reservation_by_expiry ON registration (expires_at) WHERE state = 0;
CREATE INDEX certificate_revoked ON certificate (kind, ca_generation, expires_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX sn_ticket_by_expiry ON sn_ticket (expires_at);
CREATE INDEX audit_by_chip ON audit (chip) WHERE chip IS NOT NULL;
)sql",
};

Result<int> pragma(Connection& connection, const char* sql) {
  Query query = connection.query(sql);
  SIGNET_ASSIGN(const bool row, query.next());
  return row ? static_cast<int>(query.integer()) : 0;
}

// A database without tables has neither version nor application id.
Result<bool> empty(Connection& connection) {
  Query query = connection.query("SELECT count(*) FROM sqlite_schema");
  SIGNET_TRY(query.next());
  return query.integer() == 0;
}

Failure foreign() { return fail(Errc::unsupported_format, "the database is not one of activationd"); }

Failure other_version(int version) {
  return fail(Errc::unsupported_format, "the database has schema version " + std::to_string(version) +
                                            "; this activationd knows versions up to " +
                                            std::to_string(kSchemaVersion));
}

Result<void> take_steps(Connection& connection) {
  SIGNET_ASSIGN(const int application, pragma(connection, "PRAGMA application_id"));
  SIGNET_ASSIGN(const int version, schema_version(connection));
  SIGNET_ASSIGN(const bool fresh, empty(connection));
  if (!fresh && application != kApplicationId) return foreign();
  if (version < 0 || version > kSchemaVersion || (!fresh && version == 0)) return other_version(version);
  if (version == kSchemaVersion) return {};

  for (std::size_t step = static_cast<std::size_t>(version); step < kSteps.size(); ++step) {
    SIGNET_TRY(connection.execute(kSteps[step]));
  }
  return connection.execute("PRAGMA application_id=" + std::to_string(kApplicationId) +
                            "; PRAGMA user_version=" + std::to_string(kSchemaVersion));
}

}  // namespace

Result<int> schema_version(Connection& connection) { return pragma(connection, "PRAGMA user_version"); }

Result<void> migrate(Connection& connection) {
  SIGNET_TRY(connection.execute("BEGIN IMMEDIATE"));
  auto migrated = take_steps(connection);
  if (migrated) migrated = connection.execute("COMMIT");
  if (!migrated && connection.in_transaction()) static_cast<void>(connection.execute("ROLLBACK"));
  return migrated;
}

Result<void> check_schema(Connection& connection) {
  SIGNET_ASSIGN(const int application, pragma(connection, "PRAGMA application_id"));
  SIGNET_ASSIGN(const int version, schema_version(connection));
  if (application != kApplicationId) return foreign();
  if (version != kSchemaVersion) return other_version(version);
  return {};
}

}  // namespace signet::activation::sqlite
