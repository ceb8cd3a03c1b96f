-- What was repaired in an event's report: a line each of where and what. NULL: nothing; empty: it was not noted what.
ALTER TABLE events ADD COLUMN repairs TEXT;
UPDATE events SET repairs = '' WHERE repaired;
ALTER TABLE events DROP COLUMN repaired;
