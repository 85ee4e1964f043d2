-- Assets and what is known of them. `ip` is 16 bytes (IPv4 mapped), so that assets stand in the order of their addresses. Times: epoch ms.
CREATE TABLE asset (
  id INTEGER PRIMARY KEY,
  site TEXT NOT NULL,
  ip BLOB NOT NULL,
  mac TEXT,                              -- aa:bb:cc:dd:ee:ff; NULL: not known, or only a router's
  vendor TEXT NOT NULL DEFAULT '',
  hostname TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  owner TEXT NOT NULL DEFAULT '',
  type TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  tags TEXT NOT NULL DEFAULT '',         -- one a line, a line end before the first and after the last
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  flows INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 0,    -- counts what people change
  keep INTEGER NOT NULL DEFAULT 0,       -- 0: seen once, 1: seen again later, 2: a person said something of it
  search TEXT NOT NULL DEFAULT '',       -- every text of it in lower case, a line each
  UNIQUE (site, ip)
) STRICT;

-- Which asset goes when a site is full: the least kept, seen longest ago.
CREATE INDEX asset_room ON asset (site, keep, last_ms);

-- Who said what stands in a field; absent: nobody did.
CREATE TABLE origin (
  asset INTEGER NOT NULL REFERENCES asset ON DELETE CASCADE,
  field TEXT NOT NULL,
  source TEXT NOT NULL,
  locked INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (asset, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE mac_history (
  asset INTEGER NOT NULL REFERENCES asset ON DELETE CASCADE,
  mac TEXT NOT NULL,
  site TEXT NOT NULL,
  family INTEGER NOT NULL,               -- 4 or 6: of the asset's address
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  PRIMARY KEY (asset, mac)
) STRICT, WITHOUT ROWID;

-- How many addresses a MAC was seen with lately.
CREATE INDEX mac_history_mac ON mac_history (site, mac, family, last_ms);

-- MACs that so many addresses have that they are a router's.
CREATE TABLE router_mac (
  site TEXT NOT NULL,
  mac TEXT NOT NULL,
  seen_ms INTEGER NOT NULL,              -- when it last had that many
  PRIMARY KEY (site, mac)
) STRICT, WITHOUT ROWID;

CREATE TABLE port (
  asset INTEGER NOT NULL REFERENCES asset ON DELETE CASCADE,
  side TEXT NOT NULL,                    -- served, used
  protocol INTEGER NOT NULL,
  port INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  hits INTEGER NOT NULL,
  PRIMARY KEY (asset, side, protocol, port)
) STRICT, WITHOUT ROWID;

-- Events that the broker has not acknowledged.
CREATE TABLE outbox (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,                      -- message id: the stream stores one message of each
  asset TEXT NOT NULL,                   -- site and address: events of one asset stay in order
  change TEXT NOT NULL,
  event TEXT NOT NULL                    -- AssetEvent without its id, as JSON
) STRICT;

-- `logged`: the newest sequence of the outbox that is in ipam.new; `vendors`: the list by which vendors were found.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('logged', '0'), ('vendors', '');
