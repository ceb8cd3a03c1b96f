-- Written to by readiness checks: a database without room for a report is not ready.
CREATE TABLE pings (room BLOB NOT NULL) STRICT;
INSERT INTO pings VALUES (zeroblob(0));
