-- The branch that a fix is meant for.
ALTER TABLE attempts ADD COLUMN base_branch TEXT;
ALTER TABLE repairs ADD COLUMN publication_base TEXT;
