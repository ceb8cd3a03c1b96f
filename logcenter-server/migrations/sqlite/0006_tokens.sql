-- Tokens for programs, by the SHA-256 of the token.
CREATE TABLE tokens (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  hash         BLOB NOT NULL UNIQUE,
  name         TEXT NOT NULL,
  role         TEXT NOT NULL,
  project_ids  TEXT,                    -- separated by spaces; NULL: all projects
  expires_at   INTEGER,
  created_at   INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT;

-- Incremented whenever a token is added or removed.
CREATE TABLE tokens_generation (generation INTEGER NOT NULL) STRICT;
INSERT INTO tokens_generation VALUES (1);
