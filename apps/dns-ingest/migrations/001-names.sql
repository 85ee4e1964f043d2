-- What clients were told. One row is a run: consecutive answers of one name for one address to one client of one site.
-- client NULL: not known, or for everybody (hosts, dhcp). Times are epoch ms. chain: names, separated by blanks.
CREATE TABLE answer (
  id       INTEGER PRIMARY KEY,
  site     TEXT NOT NULL,
  client   TEXT,
  address  TEXT NOT NULL,
  name     TEXT NOT NULL,
  type     TEXT NOT NULL,
  ttl      INTEGER,
  first_ms INTEGER NOT NULL,
  last_ms  INTEGER NOT NULL,
  hits     INTEGER NOT NULL,
  chain    TEXT NOT NULL,
  source   TEXT NOT NULL
) STRICT;
CREATE INDEX answer_by_address ON answer (address, first_ms);
CREATE INDEX answer_by_client ON answer (site, client, address, first_ms);
CREATE INDEX answer_by_name ON answer (name, last_ms);
CREATE INDEX answer_by_age ON answer (last_ms);

-- What clients asked, whatever came of it.
CREATE TABLE query (
  id       INTEGER PRIMARY KEY,
  site     TEXT NOT NULL,
  client   TEXT NOT NULL,
  name     TEXT NOT NULL,
  type     TEXT NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms  INTEGER NOT NULL,
  hits     INTEGER NOT NULL,
  result   TEXT NOT NULL,
  UNIQUE (site, client, name, type)
) STRICT;
CREATE INDEX query_by_age ON query (last_ms);
CREATE INDEX query_by_name ON query (name, last_ms);

CREATE TABLE lease (
  site     TEXT NOT NULL,
  address  TEXT NOT NULL,
  mac      TEXT NOT NULL,
  hostname TEXT NOT NULL,
  last_ms  INTEGER NOT NULL,
  PRIMARY KEY (site, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX lease_by_age ON lease (last_ms);

-- How far each log was stored, for each kind of request: what is sent again changes nothing.
CREATE TABLE source (
  source   TEXT NOT NULL,
  verb     TEXT NOT NULL,
  position INTEGER NOT NULL,
  seen_ms  INTEGER NOT NULL,
  PRIMARY KEY (source, verb)
) STRICT, WITHOUT ROWID;
CREATE INDEX source_by_age ON source (seen_ms);
