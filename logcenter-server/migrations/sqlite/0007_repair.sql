-- The repair of issues that an agent claimed, or a person asked to have repaired.
CREATE TABLE repairs (
  issue_id           INTEGER NOT NULL PRIMARY KEY,
  epoch              INTEGER NOT NULL,
  worker             TEXT,              -- the lease; all of its columns are NULL if nobody holds one
  lease_secret       BLOB,              -- SHA-256
  lease_token_id     INTEGER,
  lease_seconds      INTEGER,
  lease_expires_at   INTEGER,
  lease_cancel       INTEGER,
  failed             INTEGER NOT NULL,
  abandoned          INTEGER NOT NULL,
  not_before         INTEGER,
  given_up           INTEGER NOT NULL,
  awaiting_approval  INTEGER NOT NULL,
  requested_at       INTEGER,
  hint               TEXT,
  approved_attempt   INTEGER,
  publication_branch TEXT,
  publication_url    TEXT,
  merged_commit      TEXT,
  failed_checks      TEXT               -- a name each line
) STRICT;
CREATE INDEX repairs_lease ON repairs (lease_expires_at) WHERE lease_expires_at IS NOT NULL;
CREATE INDEX repairs_publication ON repairs (publication_url) WHERE publication_url IS NOT NULL;
CREATE INDEX repairs_requested ON repairs (requested_at) WHERE requested_at IS NOT NULL;

CREATE TABLE attempts (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  issue_id         INTEGER NOT NULL,
  epoch            INTEGER NOT NULL,
  worker           TEXT NOT NULL,
  stage            TEXT NOT NULL,
  verdict          TEXT,
  reason           TEXT,
  base_commit      TEXT,
  commit_hash      TEXT,
  branch           TEXT,
  pull_request_url TEXT,
  started_at       INTEGER NOT NULL,
  ended_at         INTEGER,
  usd              REAL,
  tokens           INTEGER,
  seconds          REAL
) STRICT;
CREATE UNIQUE INDEX attempts_issue ON attempts (issue_id, epoch);

-- What attempts left behind: texts, deflated (RFC 1951).
CREATE TABLE artifacts (
  attempt_id INTEGER NOT NULL,
  kind       TEXT NOT NULL,
  bytes      INTEGER NOT NULL,
  truncated  INTEGER NOT NULL,
  deflated   BLOB NOT NULL,
  UNIQUE (attempt_id, kind)
) STRICT;

-- What forges told, by the SHA-256 of the body: each is taken once.
CREATE TABLE hooks (
  digest      BLOB NOT NULL PRIMARY KEY,
  received_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX hooks_received_at ON hooks (received_at);

-- Checks that failed before it was known which fix they are of.
CREATE TABLE failed_checks (
  commit_hash TEXT NOT NULL,
  repository  TEXT NOT NULL,
  name        TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (commit_hash, repository, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX failed_checks_received_at ON failed_checks (received_at);

-- Where a fix was published, and when it was merged.
ALTER TABLE issues ADD COLUMN fix_branch TEXT;
ALTER TABLE issues ADD COLUMN verified_at INTEGER;
