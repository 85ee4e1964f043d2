-- How far each log of this machine was read. position counts all bytes ever read of it, offset those of the file as it is now.
-- before: the last bytes before offset, by which the file is known again after it was rotated; at offset 0 its inode (empty: never opened)
-- tells. state: questions that wait.
CREATE TABLE tail (
  file     TEXT PRIMARY KEY,
  source   TEXT NOT NULL,
  position INTEGER NOT NULL,
  offset   INTEGER NOT NULL,
  before   BLOB NOT NULL,
  inode    TEXT NOT NULL,
  skipping INTEGER NOT NULL,
  state    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
