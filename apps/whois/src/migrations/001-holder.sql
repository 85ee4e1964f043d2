-- Blocks of addresses with their holder, as 16 bytes each end (IPv4 mapped). `bits` is the width: bits that `last - first` takes,
-- so that the smallest block around an address is found by one short search for each width that there is.
CREATE TABLE holder (
  bits INTEGER NOT NULL,
  first BLOB NOT NULL,
  last BLOB NOT NULL,
  registry TEXT NOT NULL,
  -- 0: the registry knows no holder of this one address
  held INTEGER NOT NULL,
  name TEXT NOT NULL,
  org TEXT NOT NULL,
  country TEXT NOT NULL,
  fetched_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  PRIMARY KEY (bits, first DESC, last)
) STRICT, WITHOUT ROWID;

CREATE INDEX holder_expires ON holder (expires_ms);
