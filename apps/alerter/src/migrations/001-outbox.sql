-- What must survive: events taken in, messages to send, digests that fill, mutes, what is known. Times are epoch ms.

-- Ids of events that were taken in: whatever comes again adds nothing.
CREATE TABLE event (
  id TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX event_at ON event (at_ms);

-- One message to one channel.
CREATE TABLE delivery (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  key TEXT NOT NULL,
  alert TEXT NOT NULL,
  scope TEXT NOT NULL,      -- what the throttle counts apart: the rule
  kind TEXT NOT NULL,
  severity TEXT NOT NULL,
  site TEXT NOT NULL,
  at_ms INTEGER NOT NULL,   -- of the event
  subject TEXT NOT NULL,
  text TEXT NOT NULL,
  line TEXT NOT NULL,       -- in a digest
  facts TEXT NOT NULL,      -- JSON
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'undelivered')),
  made_ms INTEGER NOT NULL,
  since_ms INTEGER NOT NULL, -- first try, or the last resend: it is given up so long after it
  due_ms INTEGER NOT NULL,
  done_ms INTEGER,
  tries INTEGER NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT '',
  UNIQUE (event_id, channel)
);
CREATE INDEX delivery_due ON delivery (channel, due_ms, id) WHERE state = 'waiting';
CREATE INDEX delivery_state ON delivery (state, id);

-- Messages told at once in the running hour.
CREATE TABLE throttle (
  alert TEXT NOT NULL,
  scope TEXT NOT NULL,
  channel TEXT NOT NULL,
  start_ms INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (alert, scope, channel)
) WITHOUT ROWID;

-- A digest that fills, and its lines.
CREATE TABLE digest (
  channel TEXT NOT NULL,
  reason TEXT NOT NULL,
  first_ms INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  severity TEXT NOT NULL,
  site TEXT NOT NULL,
  lines INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (channel, reason)
) WITHOUT ROWID;
CREATE TABLE digest_line (
  id INTEGER PRIMARY KEY,
  channel TEXT NOT NULL,
  reason TEXT NOT NULL,
  line TEXT NOT NULL
);
CREATE INDEX digest_line_of ON digest_line (channel, reason);
CREATE TABLE digest_count (
  channel TEXT NOT NULL,
  reason TEXT NOT NULL,
  kind TEXT NOT NULL,
  total INTEGER NOT NULL,
  PRIMARY KEY (channel, reason, kind)
) WITHOUT ROWID;

CREATE TABLE mute (
  target TEXT NOT NULL,
  value TEXT NOT NULL,
  until_ms INTEGER,
  made_ms INTEGER NOT NULL,
  PRIMARY KEY (target, value)
) WITHOUT ROWID;

CREATE TABLE vendor (
  name TEXT PRIMARY KEY,
  first_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- Troubles that were told of and are not over.
CREATE TABLE trouble (
  key TEXT PRIMARY KEY,
  since_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- learning_until_ms
CREATE TABLE state (
  key TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) WITHOUT ROWID;
