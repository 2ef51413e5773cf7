-- A database of activationd with schema version 1, as it was; never to be edited.
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

INSERT INTO device VALUES (x'01aa00000000000000000000000000000000000000000000000000000000000000', 'm1', 'sn-1', 'app', 'emmc', 'soft', x'0000000000000000000000000000000000000000000000000000000000000000', x'0000000000000000', NULL, 1, '', '', 10, 20);
INSERT INTO certificate VALUES (x'4001', 0, 1, x'01aa00000000000000000000000000000000000000000000000000000000000000', 1, x'3000', 10, 1000, NULL);
INSERT INTO audit VALUES (1, 10, 'device', 'reserve', '', x'01aa00000000000000000000000000000000000000000000000000000000000000', 'm1', 'sn-1', '');
INSERT INTO audit VALUES (2, 20, 'device', 'confirm', '', x'01aa00000000000000000000000000000000000000000000000000000000000000', 'm1', 'sn-1', '');

PRAGMA application_id=1397182036;
PRAGMA user_version=1;
