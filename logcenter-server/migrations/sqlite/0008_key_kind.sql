-- Who has the key: a server, or everybody who reads a page.
ALTER TABLE ingest_keys ADD COLUMN kind TEXT NOT NULL DEFAULT 'server';
