-- Which issues have a text: of each run of three characters, the issues with it. What is shown of an issue is in its row; here
-- is only where to look, and a hash of the text, to see that it is as it was.
CREATE VIRTUAL TABLE issue_texts USING fts5 (
  text, hash UNINDEXED,
  content = '', contentless_delete = 1, contentless_unindexed = 1, detail = none, tokenize = 'trigram'
);

-- Up to this row of events issue_texts knows how issues look. What came later is added while the writer has time.
CREATE TABLE searchable_events (last_id INTEGER NOT NULL) STRICT;
INSERT INTO searchable_events VALUES (0);

-- Which issues were seen in an environment, as in issue_hours.
CREATE TABLE issue_environments (
  environment TEXT NOT NULL,
  issue_id    INTEGER NOT NULL,
  PRIMARY KEY (environment, issue_id)
) STRICT, WITHOUT ROWID;
INSERT INTO issue_environments SELECT DISTINCT environment, issue_id FROM issue_hours;
