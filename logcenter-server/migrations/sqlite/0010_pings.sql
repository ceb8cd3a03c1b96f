-- Written to by readiness checks: a database that cannot be written to is not ready.
CREATE TABLE pings (count INTEGER NOT NULL) STRICT;
INSERT INTO pings VALUES (0);
