-- Times are milliseconds since 1970; words (status, source, level, regression_rule) are those of the API.

CREATE TABLE projects (
  project_id      TEXT NOT NULL PRIMARY KEY,
  name            TEXT,
  repo_url        TEXT,
  local_path      TEXT,
  description     TEXT,
  regression_rule TEXT NOT NULL DEFAULT 'any',
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ingest_keys (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id TEXT NOT NULL,
  hash       BLOB NOT NULL UNIQUE,      -- SHA-256 of the key
  hint       TEXT NOT NULL,             -- its first characters, to recognise it by
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX ingest_keys_project ON ingest_keys (project_id);

-- One row an issue. What describes it (level … trusted) is that of its latest event.
CREATE TABLE issues (
  id               INTEGER NOT NULL PRIMARY KEY,
  fingerprint      BLOB NOT NULL,
  project_id       TEXT NOT NULL,
  source           TEXT NOT NULL,
  status           TEXT NOT NULL,
  revision         INTEGER NOT NULL,    -- raised by status changes, never by counting
  count            INTEGER NOT NULL,    -- errors: the sum of the reports' counts
  events           INTEGER NOT NULL,    -- reports accepted; the number of the latest event
  regressions      INTEGER NOT NULL,
  first_seen       INTEGER NOT NULL,
  last_seen        INTEGER NOT NULL,
  level            TEXT NOT NULL,
  environment      TEXT NOT NULL,
  version          TEXT,
  commit_hash      TEXT,
  error_type       TEXT NOT NULL,
  message          TEXT NOT NULL,
  file_path        TEXT,
  line_number      INTEGER,
  trusted          INTEGER NOT NULL,
  fixed_at         INTEGER,             -- when it became FIXED
  fix_commit       TEXT,                -- the commit that was recorded with the fix
  pull_request_url TEXT,                -- likewise
  first_event      INTEGER NOT NULL,    -- rows of events
  last_event       INTEGER NOT NULL,
  looks_event      INTEGER NOT NULL,    -- the one that shows how the latest looks,
  looks_number     INTEGER NOT NULL,    -- its number,
  looks_hash       INTEGER NOT NULL     -- and a hash of how it looks
) STRICT;
-- What a list filters by stands beside what it is sorted by, so that rows that do not match are not even read.
CREATE INDEX issues_last_seen ON issues (last_seen, id, status, level, source);
CREATE INDEX issues_count ON issues (count);
CREATE INDEX issues_first_seen ON issues (first_seen);
CREATE INDEX issues_project ON issues (project_id, status, source);

-- Which issue a fingerprint belongs to: a merged issue owns several. Fingerprints fall anywhere in this table, so that
-- one by one each would rewrite a page of its own. New ones are added many at a time, in order; those of the newest
-- issues, from this id on, are not in it yet, and the writer holds them in memory.
CREATE TABLE fingerprints (
  fingerprint BLOB NOT NULL PRIMARY KEY,
  issue_id    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE unindexed_issues (from_id INTEGER NOT NULL) STRICT;
INSERT INTO unindexed_issues VALUES (0);

-- The first event of an issue and its newest, in the order they came: what is added lies together and needs no index.
-- Each points to the one before of its issue. How it looks (environment … stack_trace) is held once for a run of events that
-- look alike: the first of them has it, the others point there.
CREATE TABLE events (
  id          INTEGER NOT NULL PRIMARY KEY,
  issue_id    INTEGER NOT NULL,
  number      INTEGER NOT NULL,         -- within its issue, from 1
  previous    INTEGER,                  -- the row of the event kept before it
  looks_event INTEGER,                  -- the row that shows how it looks, unless this one does
  event_id    TEXT,
  at          INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  context     TEXT,                     -- JSON
  count       INTEGER NOT NULL,
  truncated   INTEGER NOT NULL,
  repaired    INTEGER NOT NULL,
  environment TEXT,
  level       TEXT,
  version     TEXT,
  commit_hash TEXT,
  error_type  TEXT,
  message     TEXT,
  file_path   TEXT,
  line_number INTEGER,
  trusted     INTEGER,
  stack_trace TEXT                      -- lines
) STRICT;

-- Up to this row of events all counts (issues, issue_hours, project_hours) are written; what came later is counted
-- again when the writer starts, unless its issue is up to it.
CREATE TABLE settled_events (last_id INTEGER NOT NULL) STRICT;
INSERT INTO settled_events VALUES (0);

-- What an issue counted, by environment and hour: exact as long as the issue exists.
CREATE TABLE issue_hours (
  issue_id    INTEGER NOT NULL,
  environment TEXT NOT NULL,
  hour        INTEGER NOT NULL,
  count       INTEGER NOT NULL,
  last_seen   INTEGER NOT NULL,
  PRIMARY KEY (issue_id, environment, hour)
) STRICT, WITHOUT ROWID;

-- The same summed over a project's issues of one source.
CREATE TABLE project_hours (
  hour       INTEGER NOT NULL,
  project_id TEXT NOT NULL,
  source     TEXT NOT NULL,
  count      INTEGER NOT NULL,
  PRIMARY KEY (hour, project_id, source)
) STRICT, WITHOUT ROWID;

-- Versions and commits that showed an issue, the newest of them: what a regression is judged by.
CREATE TABLE issue_releases (
  issue_id   INTEGER NOT NULL,
  release    TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  PRIMARY KEY (issue_id, release)
) STRICT, WITHOUT ROWID;

-- What clients called their events, so that a repeated report is counted once.
CREATE TABLE event_ids (
  project_id TEXT NOT NULL,
  event_id   TEXT NOT NULL,
  issue_id   INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  PRIMARY KEY (project_id, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_ids_seen_at ON event_ids (seen_at);
CREATE INDEX event_ids_issue ON event_ids (issue_id);

CREATE TABLE history (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  issue_id         INTEGER NOT NULL,
  "from"           TEXT NOT NULL,
  "to"             TEXT NOT NULL,
  actor            TEXT NOT NULL,
  note             TEXT,
  at               INTEGER NOT NULL,
  forced           INTEGER NOT NULL,
  commit_hash      TEXT,
  pull_request_url TEXT
) STRICT;
CREATE INDEX history_issue ON history (issue_id, id);
CREATE INDEX history_at ON history (at);

-- The highest id that a deleted issue had: no id is used twice.
CREATE TABLE deleted_issues (highest_id INTEGER NOT NULL) STRICT;
INSERT INTO deleted_issues VALUES (0);
