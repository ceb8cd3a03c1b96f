CREATE TABLE deployments (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id  TEXT NOT NULL,
  environment TEXT NOT NULL,
  version     TEXT,
  commits     TEXT NOT NULL,             -- a line each, the deployed one first
  at          INTEGER NOT NULL,
  deployed    TEXT NOT NULL              -- ids of the issues that became DEPLOYED, separated by spaces
) STRICT;
CREATE INDEX deployments_project ON deployments (project_id, id);

CREATE INDEX issues_regressed ON issues (id) WHERE regressions > 0;
