-- What is on disk. A Parquet file counts only when it has a row here; one transaction makes a flush or a merge visible.

-- The columns that files of one layout have: a JSON list of Parquet column names. A new column makes a new layout.
CREATE TABLE layout (
  id INTEGER PRIMARY KEY,
  columns TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE file (
  id INTEGER PRIMARY KEY AUTOINCREMENT,   -- part of the file's name, never used twice
  path TEXT NOT NULL UNIQUE,              -- under flows/: 2026-11-24/1-812-17.parquet
  day TEXT NOT NULL,                      -- 2026-11-24
  tier INTEGER NOT NULL,                  -- 0: a flush; n: merged n times; 99: the sorted file of a closed day
  layout INTEGER NOT NULL REFERENCES layout (id),
  rows INTEGER NOT NULL,
  bytes INTEGER NOT NULL,                 -- size on disk
  flow_bytes INTEGER NOT NULL,            -- sum of the column bytes
  flow_packets INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,              -- smallest start and largest end of its flows, epoch ms
  last_ms INTEGER NOT NULL,
  stream_created_ms INTEGER NOT NULL,     -- the stream whose sequences follow, by its creation time
  first_sequence INTEGER NOT NULL,
  last_sequence INTEGER NOT NULL,
  written_ms INTEGER NOT NULL,
  removed_ms INTEGER                      -- when it was replaced or pruned; the file itself goes after a grace period
) STRICT;
CREATE INDEX file_day ON file (day) WHERE removed_ms IS NULL;

-- Batches that are archived, as ranges of stream sequences. A batch whose sequence is in one is skipped.
CREATE TABLE sequence_range (
  stream_created_ms INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (stream_created_ms, first)
) STRICT, WITHOUT ROWID;

CREATE TABLE day (
  day TEXT PRIMARY KEY,
  start_ms INTEGER NOT NULL,              -- the day's bounds in the zone it was made in
  end_ms INTEGER NOT NULL,
  closed_ms INTEGER,                      -- when it was last merged into one sorted file
  database_bytes INTEGER,                 -- the daily database, when there is one
  database_rows INTEGER,
  database_flows INTEGER                  -- how many flows were summed in it
) STRICT, WITHOUT ROWID;
