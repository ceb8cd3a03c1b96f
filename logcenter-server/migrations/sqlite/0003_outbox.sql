-- Who made a status change: person, agent or server. Names prove nothing, since anybody may give themselves one.
ALTER TABLE history ADD COLUMN role TEXT NOT NULL DEFAULT 'person';
UPDATE history SET role = 'server' WHERE actor = 'server' AND note = 'Regression detected' AND "to" = 'NEW';

-- An empty text is none.
UPDATE projects SET name = NULL WHERE name = '';
UPDATE projects SET repo_url = NULL WHERE repo_url = '';
UPDATE projects SET local_path = NULL WHERE local_path = '';
UPDATE projects SET description = NULL WHERE description = '';

-- What an issue's fingerprints are, for its removal. Ids only grow, so rows are added at the end.
CREATE INDEX fingerprints_issue ON fingerprints (issue_id);

-- Issue events, while somebody wants them. 'begin' marks where keeping them began: what happened before may be missing.
CREATE TABLE outbox (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  issue_id INTEGER NOT NULL,
  kind     TEXT NOT NULL,
  at       INTEGER NOT NULL
) STRICT;

-- Sessions that were ended before they expired, by the SHA-256 of their cookie.
CREATE TABLE ended_sessions (
  session BLOB NOT NULL PRIMARY KEY,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Raised whenever an ingest key is added or removed.
CREATE TABLE ingest_keys_generation (generation INTEGER NOT NULL) STRICT;
INSERT INTO ingest_keys_generation VALUES (1);

-- Plainer names.
ALTER TABLE issues RENAME COLUMN looks_event TO payload_event;
ALTER TABLE issues RENAME COLUMN looks_number TO payload_number;
ALTER TABLE issues RENAME COLUMN looks_hash TO payload_hash;
ALTER TABLE events RENAME COLUMN looks_event TO payload_event;
ALTER TABLE settled_events RENAME TO counted_up_to;
ALTER TABLE counted_up_to RENAME COLUMN last_id TO event;
ALTER TABLE searchable_events RENAME TO indexed_up_to;
ALTER TABLE indexed_up_to RENAME COLUMN last_id TO event;
