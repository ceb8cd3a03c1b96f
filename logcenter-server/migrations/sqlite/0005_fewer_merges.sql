-- Under load, merging the index's segments costs more than filling them. Merging sixteen at once (by default four) halves
-- that; a search then reads a few more segments. See sqlite.org/fts5.html, "automerge" and "crisismerge".
INSERT INTO issue_texts (issue_texts, rank) VALUES ('automerge', 16);
INSERT INTO issue_texts (issue_texts, rank) VALUES ('crisismerge', 64);
