-- What the guard of a fleet rests on. failovers are counts as opened are, of the
-- same hours; paced_at is in microseconds since 1970, 0 where no opening was
-- paced. flagged_at is when a line was last flagged, and recovered_at when it was
-- active again after that, 0 for never.
ALTER TABLE line ADD COLUMN failovers BLOB NOT NULL DEFAULT x'';
ALTER TABLE line ADD COLUMN paced_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE line_state ADD COLUMN flagged_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE line_state ADD COLUMN recovered_at INTEGER NOT NULL DEFAULT 0;

UPDATE line_state SET flagged_at = status_at WHERE status = 2;
