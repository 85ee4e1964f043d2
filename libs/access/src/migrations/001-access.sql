CREATE TABLE user (
  name TEXT NOT NULL PRIMARY KEY,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  password TEXT NOT NULL, -- scrypt, with its parameters and salt
  created_ms INTEGER NOT NULL,
  last_login_ms INTEGER
) STRICT;

-- A session is known by the SHA-256 of its secret, so that whoever reads this file cannot sign in with it.
CREATE TABLE session (
  hash BLOB NOT NULL PRIMARY KEY,
  user TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
  created_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX session_user ON session (user, seen_ms);

CREATE TABLE token (
  id TEXT NOT NULL PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  user TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
  name TEXT NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('metrics', 'read', 'operate', 'admin')),
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER,
  last_used_ms INTEGER
) STRICT;
CREATE INDEX token_user ON token (user);
